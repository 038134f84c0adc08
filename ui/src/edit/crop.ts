/** Which square of a picture becomes the photo. All measures are those of the picture, but for the stage. */

export interface Size {
  width: number;
  height: number;
}

/** What is looked at: how much nearer than the whole short side, and the middle of it. */
export interface View {
  zoom: number;
  x: number;
  y: number;
}

/** The whole short side, from the middle; of a tall picture a little above it, where faces are. */
export function firstView({ width, height }: Size): View {
  return within({ width, height }, { zoom: 1, x: width / 2, y: height > width ? height * FACE_AT : height / 2 });
}

/** The side of the square. */
export const sideOf = ({ width, height }: Size, zoom: number): number => Math.min(width, height) / zoom;

/** The nearest view that stays within the picture. */
export function within(size: Size, { zoom, x, y }: View): View {
  const nearer = Math.min(Math.max(zoom, 1), ZOOM_MAX);
  const half = sideOf(size, nearer) / 2;
  const held = (at: number, whole: number) => Math.min(Math.max(at, half), whole - half);
  return { zoom: nearer, x: held(x, size.width), y: held(y, size.height) };
}

/** The view after the picture was moved on a stage by so many of the stage's pixels. */
export function moved(size: Size, view: View, stage: number, byX: number, byY: number): View {
  const scale = sideOf(size, view.zoom) / stage;
  return within(size, { ...view, x: view.x - byX * scale, y: view.y - byY * scale });
}

/** The square as the canvas takes it. */
export function squareOf(size: Size, view: View): { x: number; y: number; side: number } {
  const { zoom, x, y } = within(size, view);
  const side = sideOf(size, zoom);
  return { x: x - side / 2, y: y - side / 2, side };
}

const FACE_AT = 0.4;
export const ZOOM_MAX = 5;
