import { describe, expect, it } from 'vitest';
import { followDataset } from '../../services/dicom/dataset/passing-dataset.ts';
import { readHeader } from '../../services/dicom/dataset/read-header.ts';
import type { StoredInstance } from '../../services/domain/study.ts';
import { type ReceivePorts, receiveInstance } from '../../services/pipeline/receive-instance.ts';
import { ctInstance } from '../dicom/net/ct-instance.ts';
import type { Element } from '../support/dicom-bytes.ts';
import { fakeContext } from '../support/fake-context.ts';

const EXPLICIT = '1.2.840.10008.1.2.1';

/** The step over a file in memory; what it did, in order. */
function received(given: Partial<ReceivePorts> = {}) {
  const done: string[] = [];
  const bytes: Uint8Array[] = [];
  const recorded: StoredInstance[] = [];
  const context = fakeContext();
  const ports: ReceivePorts = {
    createFile: () => ({
      write: (part) => void bytes.push(Uint8Array.from(part)),
      head: async (length) => {
        // The first bytes are in memory; more is read back.
        if (length > 65_536) done.push(`head ${length}`);
        return Buffer.concat(bytes).subarray(0, length);
      },
      commit: async () => {
        done.push('committed');
        return { path: 'a/b/c.dcm', sha256: '0'.repeat(64), bytes: Buffer.concat(bytes).length };
      },
      settle: () => void done.push('settled'),
      abort: async () => void done.push('aborted'),
    }),
    removeFile: async (path) => void done.push(`removed ${path}`),
    part10Header: () => Buffer.from('header'),
    readHeader,
    followDataset,
    recordInstance: async (instance) => {
      done.push('recorded');
      recorded.push(instance);
      return 'new';
    },
    ...given,
  };
  return {
    context,
    done,
    recorded,
    async take({ SOPClassUID, SOPInstanceUID, dataset }: ReturnType<typeof ctInstance>) {
      const arriving = { SOPClassUID, SOPInstanceUID, TransferSyntaxUID: EXPLICIT, callingAETitle: 'CT1' };
      const sink = receiveInstance(context, ports, arriving);
      for (let at = 0; at < dataset.length; at += 16_378) await sink.write(dataset.subarray(at, at + 16_378));
      return sink.end();
    },
  };
}

describe('receive-instance', () => {
  it('commits the file, then records it, then answers with its series', async () => {
    const { take, done, recorded } = received();
    const instance = ctInstance(1, { pixelBytes: 200_000 });
    expect(await take(instance)).toEqual({
      status: 0,
      series: {
        StudyInstanceUID: expect.stringMatching(/^2\.25\./),
        SeriesInstanceUID: expect.stringMatching(/^2\.25\./),
      },
    });
    expect(done).toEqual(['committed', 'recorded', 'settled']);
    expect(recorded).toMatchObject([{ path: 'a/b/c.dcm', sourceAETitle: 'CT1', TransferSyntaxUID: EXPLICIT }]);
  });

  it('refuses before it commits when the data set is another instance', async () => {
    const { take, done } = received();
    await expect(take({ ...ctInstance(1), SOPInstanceUID: '1.2.3' })).rejects.toMatchObject({
      code: 'DATASET_MISMATCH',
    });
    await expect(take({ ...ctInstance(1), SOPClassUID: '1.2.3' })).rejects.toMatchObject({ code: 'DATASET_MISMATCH' });
    expect(done).toEqual([]);
  });

  it('reads further when what is indexed does not lie in the first 64 KiB', async () => {
    const big: Element[] = [
      [0x00090010, 'LO', 'OVERREAD TEST'],
      [0x00091001, 'OB', new Uint8Array(300_000)],
    ];
    const { take, done, recorded } = received();
    await take(ctInstance(1, { more: big }));
    expect(done).toEqual(['head 1048576', 'committed', 'recorded', 'settled']);
    expect(recorded[0]?.header.instance.Rows).toBe(100);
  });

  it('an identical instance is success, and its second file is removed', async () => {
    const { take, done } = received({ recordInstance: async () => 'identical' });
    expect(await take(ctInstance(1))).toMatchObject({ status: 0 });
    expect(done).toEqual(['committed', 'removed a/b/c.dcm', 'settled']);
  });

  it('a different one under the same UID is refused, and its file kept apart', async () => {
    const { take, done, context } = received({ recordInstance: async () => 'differs' });
    await expect(take(ctInstance(1))).rejects.toMatchObject({ code: 'DUPLICATE_DIFFERS' });
    expect(done).toEqual(['committed', 'settled']);
    expect(context.events).toContain('instance.quarantined');
  });

  it('when the index fails once, it is asked again', async () => {
    let asked = 0;
    const { take, done } = received({
      recordInstance: async () => {
        asked += 1;
        if (asked === 1) throw new Error('connection lost while committing');
        return 'new';
      },
    });
    expect(await take(ctInstance(1))).toMatchObject({ status: 0 });
    expect(done).toEqual(['committed', 'settled']);
  });

  it('when the index stays away, the sender is told and the file stays for the row that may name it', async () => {
    const { take, done, context } = received({ recordInstance: () => Promise.reject(new Error('down')) });
    await expect(take(ctInstance(1))).rejects.toThrow('down');
    expect(done).toEqual(['committed', 'settled']);
    expect(context.events.filter((event) => event === 'instance.not-indexed')).toHaveLength(4);
  });
});
