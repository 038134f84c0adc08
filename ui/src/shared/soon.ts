/**
 * Makes work that is asked for many times in a row run at once and then once more at the end, never in between.
 */
export function soon(work: () => void, pauseMs: number): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let again = false;
  const rest = () => {
    timer = undefined;
    if (!again) return;
    again = false;
    work();
    timer = setTimeout(rest, pauseMs);
  };
  return () => {
    if (timer !== undefined) {
      again = true;
      return;
    }
    work();
    timer = setTimeout(rest, pauseMs);
  };
}
