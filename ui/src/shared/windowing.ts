/** The maths of a long list: rows of one height, some with a letter above them, of which only a window is drawn. */

export interface Shape {
  /** How many rows there are. */
  count: number;
  /** The height of a row, in pixels. */
  row: number;
  /** The height of a letter above a row, in pixels. */
  head: number;
  /** The rows that have a letter above them, ascending. */
  heads: number[];
}

export interface Window {
  from: number;
  /** One past the last row. */
  to: number;
}

/** How many letters stand above the row, its own included. */
export function headsUpTo(heads: number[], index: number): number {
  let low = 0;
  let high = heads.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((heads[middle] ?? Infinity) <= index) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Where a row starts, in pixels from the top, below its letter if it has one. */
export function topOf(shape: Shape, index: number): number {
  return index * shape.row + headsUpTo(shape.heads, index) * shape.head;
}

/** How high the whole list is. */
export function heightOf(shape: Shape): number {
  return shape.count * shape.row + shape.heads.length * shape.head;
}

/** The row at a height, or the last one above it. */
export function indexAt(shape: Shape, y: number): number {
  let low = 0;
  let high = Math.max(0, shape.count - 1);
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (topOf(shape, middle) <= y) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The rows to draw: those in view and some on either side. */
export function windowOf(shape: Shape, scroll: number, view: number, overscan: number): Window {
  if (shape.count === 0) return { from: 0, to: 0 };
  const from = Math.max(0, indexAt(shape, scroll) - overscan);
  const to = Math.min(shape.count, indexAt(shape, scroll + view) + 1 + overscan);
  return { from, to };
}

/** Where to scroll so that a row is in view; the present place if it already is. */
export function scrollTo(shape: Shape, index: number, scroll: number, view: number): number {
  const top = topOf(shape, index);
  const above = shape.heads.length > 0 ? top - shape.head : top;
  if (above < scroll) return Math.max(0, above);
  if (top + shape.row > scroll + view) return top + shape.row - view;
  return scroll;
}
