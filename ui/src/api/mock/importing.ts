/** Files that go into the hub in memory and come out of it. */
import type { Handlers } from '../mock';
import type { Card, Event } from '../types';
import type { MockBook } from './book';
import { add } from './contacts';
import { exported, imported, look } from './files';
import { pause } from './pause';
import { refuse } from './refuse';
import type { Step } from './tidying_up';

interface Scene {
  book: MockBook;
  undo: Step[];
  cardOf: (id: string) => Card;
  changed: (ids: string[]) => void;
  emit: (event: Event) => void;
  deviceName: () => string;
  delayMs: number;
}

export function importing(scene: Scene): Pick<Handlers, 'import' | `import.${'look' | 'stop' | 'undo'}` | 'export'> {
  const { book, undo, cardOf, changed, emit, deviceName, delayMs } = scene;
  const imports: Step[] = [];
  let stops = 0;
  return {
    import: async ({ files, dry_run }) => {
      const answer = imported(files, dry_run, book);
      if (dry_run) return answer.report;
      const [before, total] = [stops, answer.cards.length];
      const ids: string[] = [];
      for (const { name, properties } of answer.cards) {
        const id = add(book, name, deviceName());
        book.edit(id, properties, [], deviceName(), 'here');
        ids.push(id);
        emit({ kind: 'progress', work: 'import', done: ids.length, total });
        if (ids.length % IMPORTED_AT_ONCE === 0) await pause(delayMs);
        if (stops !== before) break;
      }
      const stopped = ids.length < total;
      const back = () => (ids.forEach((id) => book.keep({ ...cardOf(id), trashed: true })), ids);
      const step = { what: `import of ${ids.length} contacts`, back };
      undo.push(step);
      imports.push(step);
      changed([]);
      return stopped ? { ...answer.report, added: ids.length, stopped } : answer.report;
    },
    'import.look': ({ file }) => look(file),
    'import.stop': () => ((stops += 1), {}),
    'import.undo': () => {
      const last = imports.pop() ?? refuse('nothing_to_undo', 'There is no import left to take back.');
      undo.splice(undo.indexOf(last), 1);
      const ids = last.back();
      changed([]);
      return { what: last.what, ids };
    },
    export: (request) => exported(request, book),
  };
}

/** After so many cards of an import it can be stopped. */
const IMPORTED_AT_ONCE = 20;
