/** Something that looks like a QR code: three corners, and dots that mean nothing. */
export function qr(): string {
  const size = 29;
  const corner = (x: number, y: number) => `M${x} ${y}h7v7h-7zm1 1v5h5v-5zm1 1h3v3h-3z`;
  let path = corner(0, 0) + corner(22, 0) + corner(0, 22);
  let state = 7;
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      const inCorner = (x < 8 && y < 8) || (x > 20 && y < 8) || (x < 8 && y > 20);
      if (!inCorner && state > 1_100_000_000) path += `M${x} ${y}h1v1h-1z`;
    }
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges"><path fill="#16201b" fill-rule="evenodd" d="${path}"/></svg>`;
}
