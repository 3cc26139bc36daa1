import { mkdirSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { part10Header } from '../../dicom/dataset/part10.ts';
import { TRANSFER_SYNTAX } from '../../dicom/dataset/transfer-syntax.ts';
import { exchangeFor } from '../../dicom/net/exchange-for.ts';
import type { InstanceSink, StoreRequest } from '../../dicom/net/instance-sink.ts';
import { get } from '../../dicom/net/retrieve-scu.ts';
import { STORAGE_SOP_CLASSES } from '../../dicom/net/sop-classes.ts';
import type { UniqueKeys } from '../../domain/query.ts';
import { pinoLog } from '../../observability/pino-log.ts';
import { prometheusMetrics } from '../../observability/prometheus-metrics.ts';
import type { GetOptions, PeerAddress } from './options.ts';

const MAX_INSTANCE_BYTES = 4 * 1024 ** 3;
const SYNTAXES = [TRANSFER_SYNTAX.explicitLittle, TRANSFER_SYNTAX.implicitLittle];

/** Fetches a study, a series or an image by C-GET into a folder: one Part 10 file for each instance, named by its UID. */
export async function getCommand(peer: PeerAddress, { from, study, series, image, out }: GetOptions): Promise<void> {
  mkdirSync(out, { recursive: true });
  const keys: UniqueKeys = {
    StudyInstanceUID: [study],
    ...(series !== undefined && { SeriesInstanceUID: [series] }),
    ...(image !== undefined && { SOPInstanceUID: [image] }),
  };
  const level = image === undefined ? (series === undefined ? 'STUDY' : 'SERIES') : 'IMAGE';
  const context = { log: pinoLog('warn', 'get'), metrics: prometheusMetrics(), signal: new AbortController().signal };
  const served = {
    ...{ context, AETitle: from, maxInstanceBytes: MAX_INSTANCE_BYTES, series: new Map() },
    counts: { stored: 0, refused: 0, bytes: 0 },
    ports: { openInstance: (request: StoreRequest) => fileSink(out, request, peer.AETitle) },
  };
  // More classes than there are contexts: the retired ones are left out first.
  const classes = STORAGE_SOP_CLASSES.toSorted((a, b) => Number(a.retired) - Number(b.retired)).map(({ uid }) => ({
    SOPClassUID: uid,
    transferSyntaxes: SYNTAXES,
  }));
  const storage = { classes, serve: (channel: Parameters<typeof exchangeFor>[1]) => exchangeFor(served, channel) };
  const { completed, warned, failed } = await get(peer, from, { model: 'study root', level, keys }, storage);
  process.stdout.write(`${completed + warned} instances from ${peer.AETitle} in ${out}\n`);
  if (failed === 0) return;
  process.stderr.write(`not sent: ${failed}\n`);
  process.exitCode = 1;
}

/** A file under its final name when it is whole. The name is a UID: digits and dots, checked before. */
function fileSink(folder: string, request: StoreRequest, sourceAETitle: string): InstanceSink {
  const file = join(folder, `${request.SOPInstanceUID}.dcm`);
  const partial = `${file}.partial`;
  const handle = open(partial, 'w');
  handle.catch(() => {});
  let last: Promise<unknown> = handle.then((opened) => opened.write(part10Header({ ...request, sourceAETitle })));
  last.catch(() => {});
  return {
    write(bytes) {
      last = last.then(async () => (await handle).write(bytes));
      return last.then(() => {});
    },
    async end() {
      await last;
      await (await handle).close();
      await rename(partial, file);
      return { status: 0 };
    },
    async abort() {
      await last.catch(() => {});
      await (await handle).close().catch(() => {});
      await rm(partial, { force: true });
    },
  };
}
