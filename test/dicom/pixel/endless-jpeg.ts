const SCAN_HEADER = [0xff, 0xda, 0, 8, 1, 1, 0, 1, 63, 0];

/**
 * A progressive JPEG (ITU-T T.81) of `side` x `side` grey pixels with so many scans that decoding it takes minutes: each is
 * 12 bytes long and goes over all blocks. It is whole; no check of its markers finds anything.
 */
export function endlessJpeg(side: number, scans: number): Uint8Array {
  const size = [side >> 8, side & 255, side >> 8, side & 255];
  // One code of one bit in each table: no difference for DC, "all blocks from here are empty" for AC.
  const table = (target: number, symbol: number) => [0xff, 0xc4, 0, 20, target, 1, ...Array(15).fill(0), symbol];
  const head = [
    ...[0xff, 0xd8, 0xff, 0xdb, 0, 67, 0, ...Array(64).fill(1)],
    ...[0xff, 0xc2, 0, 11, 8, ...size, 1, 1, 0x11, 0],
    ...[...table(0x00, 0), ...table(0x10, 0xe0)],
    ...[0xff, 0xda, 0, 8, 1, 1, 0, 0, 0, 0, 0, 0],
  ];
  const scan = [...SCAN_HEADER, 0, 0];
  const frame = new Uint8Array(head.length + scans * scan.length + 2);
  frame.set(head);
  for (let at = 0; at < scans; at += 1) frame.set(scan, head.length + at * scan.length);
  frame.set([0xff, 0xd9], frame.length - 2);
  return frame;
}
