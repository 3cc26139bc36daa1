import { loadConfig } from '../../config.ts';
import { examinePeer } from '../../dicom/net/examine-peer.ts';
import type { DoctorReport, DoctorStep } from '../../domain/contract/peers.ts';
import { callablePeer, SENT_RESULTS } from '../called-peer.ts';
import { loadPeers } from '../peers.ts';
import { loadTlsIdentity } from '../tls-identity.ts';
import type { DoctorOptions } from './options.ts';

const TIMEOUT_SECONDS = 10;
/** A peer that works in part. */
const PARTLY = 2;

/**
 * Asks one peer step by step, and says in a sentence what is wrong and what to write to its operator. Exit code 0: all answered; 1: no
 * association; 2: some of it does not work.
 */
export async function doctorPeer(text: string, { tls, language, json }: DoctorOptions): Promise<void> {
  const config = loadConfig(process.env);
  const [table, identity] = [await loadPeers(config), await loadTlsIdentity(config)];
  const { name, peer, us, results } = callablePeer(text, { table: () => table, identity: () => identity }, { tls });
  const needed = results ? SENT_RESULTS : [];
  const report = await examinePeer(peer, { name, us, needed, timeoutSeconds: TIMEOUT_SECONDS });
  process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : written(report, language));
  process.exitCode = { ok: 0, failed: 1, partly: PARTLY }[report.state];
}

const MARKS: Readonly<Record<DoctorStep['state'], string>> = {
  ok: 'ok    ',
  partly: 'PARTLY',
  failed: 'FAILED',
  skipped: 'note  ',
};

function written({ steps }: DoctorReport, language: DoctorOptions['language']): string {
  const lines = steps.flatMap(({ step, state, detail, diagnosis }) => {
    const words = diagnosis?.words[language];
    const told = words === undefined ? [] : [indented(words.sentence), indented(`→ ${words.request}`)];
    return [`${MARKS[state]}  ${step.padEnd(18)} ${printable(detail)}`, ...told];
  });
  return `${lines.join('\n')}\n`;
}

const indented = (text: string): string => `        ${printable(text)}`;

/** What a peer says goes to a terminal: nothing that would steer it. */
const printable = (text: string): string => text.replace(/\p{Cc}/gu, '?');
