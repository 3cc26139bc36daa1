import { echo } from '../../dicom/net/verification-scu.ts';
import type { PeerAddress } from './options.ts';

export async function echoCommand(peer: PeerAddress, { from }: { from: string }): Promise<void> {
  const startedAt = performance.now();
  await echo(peer, from, { timeoutSeconds: 10 });
  const ms = (performance.now() - startedAt).toFixed(0);
  process.stdout.write(`${peer.AETitle}@${peer.host}:${peer.port} answers C-ECHO in ${ms} ms\n`);
}
