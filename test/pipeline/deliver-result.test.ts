import { expect, it, vi } from 'vitest';
import { type DeliverPorts, deliverResult, type SendOutcome } from '../../services/pipeline/deliver-result.ts';
import { fakeContext } from '../support/fake-context.ts';

const report = {
  SOPClassUID: '1.2.840.10008.5.1.4.1.1.88.34',
  SOPInstanceUID: '2.25.1',
  SeriesInstanceUID: '2.25.2',
  TransferSyntaxUID: '1.2.840.10008.1.2.1',
  dataset: new Uint8Array([1, 2]),
};

function ports(outcome: SendOutcome, attempts = 0, overrides: Partial<DeliverPorts> = {}) {
  return {
    claimDelivery: vi.fn(async (deliveryId: string) => ({
      deliveryId,
      destination: 'PACS@host:104',
      attempts,
      report,
    })),
    delivered: vi.fn(async () => {}),
    postponed: vi.fn(async () => {}),
    send: vi.fn(async () => outcome),
    firstPauseSeconds: 5,
    now: () => new Date(0),
    ...overrides,
  };
}

it('sends the stored bytes and records the status', async () => {
  const given = ports({ taken: true, status: '0000' });
  await deliverResult(fakeContext(), given, 'd1');
  expect(given.send).toHaveBeenCalledWith('PACS@host:104', report, expect.anything());
  expect(given.delivered).toHaveBeenCalledExactlyOnceWith('d1', '0000');
  expect(given.postponed).not.toHaveBeenCalled();
});

it.each([
  [0, 5],
  [1, 10],
  [4, 80],
  [50, 900],
])('after %i failed tries it waits %i s', async (attempts, pauseSeconds) => {
  const given = ports({ taken: false, error: 'connection refused' }, attempts);
  await deliverResult(fakeContext(), given, 'd1');
  expect(given.postponed).toHaveBeenCalledExactlyOnceWith('d1', 'connection refused', new Date(pauseSeconds * 1000));
  expect(given.delivered).not.toHaveBeenCalled();
});

it('does nothing for a delivery that is done', async () => {
  const given = ports({ taken: true, status: '0000' }, 0, { claimDelivery: async () => undefined });
  await deliverResult(fakeContext(), given, 'd1');
  expect(given.send).not.toHaveBeenCalled();
});
