import { describe, expect, it } from 'vitest';
import type { AnalysisInput } from '../../services/domain/run.ts';
import { type PreparePorts, prepareArrivals } from '../../services/pipeline/prepare-arrivals.ts';
import { fakeContext } from '../support/fake-context.ts';

const image = (SOPInstanceUID: string): AnalysisInput => ({
  file: `/instances/${SOPInstanceUID}.dcm`,
  sha256: 'a'.repeat(64),
  SeriesInstanceUID: '2.25.1',
  SOPInstanceUID,
  SOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
  TransferSyntaxUID: '1.2.840.10008.1.2.4.80',
});

function ports(batches: (readonly AnalysisInput[])[], room = true) {
  const asked: string[][] = [];
  const held: PreparePorts = {
    arrivedImages: async () => batches.shift() ?? [],
    hasRoom: async () => room,
    prepare: async (images) => {
      asked.push(images.map(({ SOPInstanceUID }) => SOPInstanceUID));
      return { prepared: images.length, refused: 0 };
    },
  };
  return { held, asked };
}

describe('prepareArrivals', () => {
  it('prepares what has arrived until nothing new has', async () => {
    const { held, asked } = ports([[image('2.25.2'), image('2.25.3')], [image('2.25.4')]]);
    await prepareArrivals(fakeContext(), held);
    expect(asked).toEqual([['2.25.2', '2.25.3'], ['2.25.4']]);
  });

  it('leaves images to their analysis when the disk has no room', async () => {
    const { held, asked } = ports([[image('2.25.2')], [image('2.25.3')]], false);
    await prepareArrivals(fakeContext(), held);
    expect(asked).toEqual([]);
  });

  it('tells a failure while it works, and none when the worker stops', async () => {
    const broken = (): PreparePorts => ({
      ...ports([[image('2.25.2')]]).held,
      prepare: async () => Promise.reject(new Error('killed')),
    });
    await expect(prepareArrivals(fakeContext(), broken())).rejects.toThrow('killed');
    const stopping = new AbortController();
    const stopped = { ...broken(), prepare: async () => Promise.reject(stopping.abort()) };
    await prepareArrivals({ ...fakeContext(), signal: stopping.signal }, stopped);
  });
});
