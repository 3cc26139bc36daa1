import { closeSync, ftruncateSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { part10Header } from '../../services/dicom/dataset/part10.ts';
import { datasetBytes, type Element, syntheticUid } from '../../test/support/dicom-bytes.ts';
import { EXPLICIT_VR_LITTLE_ENDIAN } from '../../test/support/load-client.ts';
import { peakRssMb } from '../peak-rss.ts';
import { sendOurs } from './send.ts';
import { ours } from './servers.ts';

const ENHANCED_CT = '1.2.840.10008.5.1.4.1.1.2.1';
const [SIDE, FRAMES] = [512, 4096];
const PIXEL_BYTES = SIDE * SIDE * 2 * FRAMES;

/** One multi-frame instance of 2 GB from our SCU to our SCP, onto a disk, and what memory both took: `npm run bench -- big [FOLDER]`. */
export async function big(directory = tmpdir()): Promise<void> {
  const folder = mkdtempSync(join(directory, 'overread-big-'));
  const objects = join(folder, 'objects');
  try {
    writeSparse(objects);
    const server = await ours(join(folder, 'stores'));
    try {
      await server.late?.();
      const sent = await sendOurs(objects, server, 1);
      const [seconds = 0] = sent.seconds;
      const late = await server.late?.();
      const [pid = 0] = server.pids;
      console.log(
        `${(PIXEL_BYTES / 1e9).toFixed(2)} GB in ${seconds.toFixed(1)} s (${(PIXEL_BYTES / seconds / 1e6).toFixed(0)} MB/s, synced to ${directory}), load ${loadavg()[0]?.toFixed(1)}`,
      );
      console.log(`peak RSS: receiver ${peakRssMb(pid)} MB, sender ${sent.peakMb} MB`);
      console.log(
        `event loop of the receiver late: p99 ${late?.p99Ms.toFixed(1)} ms, most ${late?.mostMs.toFixed(1)} ms`,
      );
    } finally {
      await server.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** An Enhanced CT whose pixels are zeros that lie on no disk. */
function writeSparse(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const SOPInstanceUID = syntheticUid('benchmark', 'big');
  const meta = { SOPClassUID: ENHANCED_CT, SOPInstanceUID, TransferSyntaxUID: EXPLICIT_VR_LITTLE_ENDIAN };
  const elements: Element[] = [
    [0x00080016, 'UI', ENHANCED_CT],
    [0x00080018, 'UI', SOPInstanceUID],
    [0x00080060, 'CS', 'CT'],
    [0x00100020, 'LO', 'BENCH'],
    [0x0020000d, 'UI', syntheticUid('benchmark', 'study')],
    [0x0020000e, 'UI', syntheticUid('benchmark', 'big series')],
    [0x00280008, 'IS', String(FRAMES)],
    [0x00280010, 'US', [SIDE]],
    [0x00280011, 'US', [SIDE]],
  ];
  const pixelHeader = Buffer.from([0xe0, 0x7f, 0x10, 0x00, 0x4f, 0x57, 0, 0, 0, 0, 0, 0]);
  pixelHeader.writeUInt32LE(PIXEL_BYTES, 8);
  const head = Buffer.concat([part10Header({ ...meta, sourceAETitle: 'BENCH' }), datasetBytes(elements), pixelHeader]);
  const file = openSync(join(folder, SOPInstanceUID), 'w');
  writeSync(file, head);
  ftruncateSync(file, head.length + PIXEL_BYTES);
  closeSync(file);
}
