import { decodeFrame } from '../../../../services/dicom/pixel/codecs.ts';
import type { PixelInfo } from '../../../../services/dicom/pixel/pixel-info.ts';
import { AppError } from '../../../../services/domain/errors.ts';

/** A child that may be killed: decodes what it is sent and says how it went and how much time of its core it took. */
process.on('message', async ({ frame, info }: { frame: Uint8Array; info: PixelInfo }) => {
  const started = process.cpuUsage();
  const outcome = await decodeFrame(frame, info).then(
    (samples) => ({ samples: samples.length }),
    (error: unknown) => ({ error: error instanceof AppError ? error.message : `bug: ${error}` }),
  );
  const { user, system } = process.cpuUsage(started);
  process.send?.({ ...outcome, cpuMs: (user + system) / 1000, residentBytes: process.memoryUsage.rss() });
});
process.on('disconnect', () => process.exit());
