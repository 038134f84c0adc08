/** A card that is dragged out of the window: a file for file managers and mails, text for everything else. */
export interface Carried {
  id: string;
  /** What the file is called. */
  file: string;
  /** The card as a vCard. */
  text: string;
  /** Where the file lies; nothing where there is no place for one. */
  path?: string;
}

/** What a drag bears, by type, the best first. */
export function typesOf({ file, text, path }: Carried): [type: string, data: string][] {
  return [
    ...(path === undefined ? [] : [['text/uri-list', fileAddress(path)] as [string, string]]),
    // Chromium makes a file of it wherever it is dropped; others do not know it.
    ['DownloadURL', `text/vcard:${file}:data:text/vcard;charset=utf-8,${encodeURIComponent(text)}`],
    ['text/plain', text],
  ];
}

const fileAddress = (path: string): string => `file://${path.split('/').map(encodeURIComponent).join('/')}`;
