/** Puts text on the clipboard; says whether it did. Text that is still on its way is promised: after a wait the press is forgotten. */
export async function copy(text: string | Promise<string>): Promise<boolean> {
  try {
    if (typeof text === 'string') await navigator.clipboard.writeText(text);
    else await navigator.clipboard.write([new ClipboardItem({ 'text/plain': text.then(plain) })]);
    return true;
  } catch {
    return false;
  }
}

const plain = (text: string): Blob => new Blob([text], { type: 'text/plain' });
