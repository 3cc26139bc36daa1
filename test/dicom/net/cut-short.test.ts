import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TRANSFER_SYNTAX, type TransferSyntax } from '../../support/dicom-bytes.ts';
import { CT_IMAGE_STORAGE, commandElement, commandText, RawPeer, storeMessage } from '../../support/load-client.ts';
import { syntheticSeries } from '../../support/synthetic-series.ts';
import { ctInstance } from './ct-instance.ts';
import { type Receiver, startReceiver } from './receiver.ts';

const state: { scp?: Receiver } = {};
beforeAll(async () => {
  state.scp = await startReceiver();
});
afterAll(() => state.scp?.stop());

/** Status and comment of a C-STORE-RSP over an association of its own, which is released in order. */
async function sent(SOPInstanceUID: string, dataset: Uint8Array, syntax: TransferSyntax, pduBytes = 16_384) {
  const peer = new RawPeer(state.scp?.port ?? 0);
  const answer = await peer.associate({ contexts: [[1, CT_IMAGE_STORAGE, TRANSFER_SYNTAX[syntax]]] });
  expect(answer?.type).toBe(0x02);
  peer.write(...storeMessage({ SOPInstanceUID, dataset, pduBytes }));
  const response = await peer.next();
  if (response === undefined) throw new Error('no response');
  await peer.release();
  return { status: commandElement(response, 0x0900), comment: commandText(response, 0x0902) };
}

const COMMENT =
  /^cut short: (\(7fe0,0010\) (lacks \d+ bytes|has no end)|the deflated data set has no end|the header .*)$/;

describe.each(Object.keys(TRANSFER_SYNTAX) as TransferSyntax[])(
  'an instance in %s whose sender releases in order',
  (syntax) => {
    const [first, second] = syntheticSeries({
      transferSyntax: syntax,
      slices: 2,
      rows: 64,
      columns: 64,
      noiseHu: 50,
      seed: syntax,
    }).instances;
    if (first === undefined || second === undefined) throw new Error('no instance');
    it('is refused with C000 when it was cut in its pixels, and nothing of it is kept', async () => {
      const before = state.scp?.files().length;
      // The last byte of a deflated one may be padding.
      for (const missing of syntax === 'deflated' ? [4, 500, 4000] : [1, 2, 500, 4000]) {
        const cut = first.dataset.subarray(0, first.dataset.length - missing);
        const { status, comment } = await sent(first.SOPInstanceUID, cut, syntax);
        expect(status).toBe(0xc000);
        expect(comment).toMatch(COMMENT);
      }
      expect(state.scp?.files().length).toBe(before);
      expect(state.scp?.incoming()).toEqual([]);
    });

    it('is stored when it is whole, whatever stands behind its pixels', async () => {
      expect(await sent(first.SOPInstanceUID, first.dataset, syntax)).toEqual({ status: 0, comment: undefined });
      const padded = Buffer.concat([second.dataset, Buffer.from('padding of a writer, no element')]);
      expect(await sent(second.SOPInstanceUID, padded, syntax, 100)).toEqual({ status: 0, comment: undefined });
    });
  },
);

it('an instance of odd length is stored as it came', async () => {
  const { SOPInstanceUID, dataset } = ctInstance(9, { pixelBytes: 20_000 });
  const at = Buffer.from(dataset).indexOf(Buffer.from([0xe0, 0x7f, 0x10, 0x00]));
  const odd = Buffer.from(dataset.subarray(0, dataset.length - 1));
  odd.writeUInt32LE(19_999, at + 8);
  expect(await sent(SOPInstanceUID, odd, 'explicit')).toMatchObject({ status: 0 });
});
