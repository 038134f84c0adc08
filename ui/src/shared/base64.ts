/** Files for the hub, which takes their bytes as text. */

/** The file's bytes in base64, read by the browser in one go. Fails with what can be said of it. */
export function base64(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,?/, ''));
    reader.onerror = () =>
      reject({ code: 'file_unavailable', message: `“${file.name}” cannot be read. Is it still there?` });
    reader.readAsDataURL(file);
  });
}
