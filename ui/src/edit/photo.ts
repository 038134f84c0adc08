/** Pictures that were dropped, pasted or chosen, made into a photo that fits into a card. */
import type { View } from './crop';
import { squareOf } from './crop';

/** Reads a picture; rejects with a sentence if it is none. */
export async function readPicture(file: File): Promise<HTMLImageElement> {
  if (!file.type.startsWith('image/')) throw new Error('This is no picture. PNG, JPEG, GIF and WebP can be taken.');
  if (file.size > FILE_BYTES_MAX) throw new Error('This picture is larger than 50 MB. Take a smaller one.');
  const url = await new Promise<string>((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(new Error('The picture cannot be read.'));
    reader.readAsDataURL(file);
  });
  const picture = new Image();
  picture.src = url;
  await picture.decode().catch(() => Promise.reject(new Error('This picture cannot be read. It may be damaged.')));
  return picture;
}

/** Cuts the square out, as a JPEG in a `data:` address. */
export function cut(picture: HTMLImageElement, view: View): string {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = PHOTO_PIXELS;
  const context = canvas.getContext('2d');
  if (!context) throw new Error('This window cannot draw pictures.');
  const { x, y, side } = squareOf({ width: picture.naturalWidth, height: picture.naturalHeight }, view);
  // What is transparent becomes white, not black.
  context.fillStyle = 'white';
  context.fillRect(0, 0, PHOTO_PIXELS, PHOTO_PIXELS);
  context.drawImage(picture, x, y, side, side, 0, 0, PHOTO_PIXELS, PHOTO_PIXELS);
  return canvas.toDataURL('image/jpeg', QUALITY);
}

/** The picture among what was dropped or pasted. */
export const pictureAmong = (files: FileList | undefined): File | undefined =>
  [...(files ?? [])].find(({ type }) => type.startsWith('image/'));

const PHOTO_PIXELS = 512;
const QUALITY = 0.86;
const FILE_BYTES_MAX = 50 << 20;
