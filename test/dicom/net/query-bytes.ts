import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect } from 'vitest';
import type { QueryRetrievePorts } from '../../../services/dicom/net/exchange-for.ts';
import { queryRetrieveClass } from '../../../services/dicom/net/service-classes.ts';
import { AppError } from '../../../services/domain/errors.ts';
import type { AttributeRow } from '../../../services/domain/ports.ts';
import type { HeldObjects } from '../../../services/domain/query.ts';
import { datasetBytes, type Element } from '../../support/dicom-bytes.ts';
import {
  CT_IMAGE_STORAGE,
  commandBytes,
  commandElement,
  commandText,
  EXPLICIT_VR_LITTLE_ENDIAN,
  pdata,
  RawPeer,
  VERIFICATION,
} from '../../support/load-client.ts';
import { ascii, item, u16 } from '../../support/pdu-bytes.ts';
import { type Receiver, type ReceiverOptions, startReceiver } from './receiver.ts';

const [FIND, MOVE, GET] = (['find', 'move', 'get'] as const).map((service) =>
  queryRetrieveClass('study root', service),
);
export const [C_FIND, C_MOVE, C_GET] = [0x20, 0x21, 0x10];
const CONTEXT_OF = { [C_FIND]: 1, [C_MOVE]: 3, [C_GET]: 5 };
const CLASS_OF = { [C_FIND]: FIND, [C_MOVE]: MOVE, [C_GET]: GET };

export const running: { scp?: Receiver } = {};
afterEach(async () => {
  await running.scp?.stop();
  delete running.scp;
});

/** A receiver over an index that is a function. */
export async function start(held: Partial<HeldObjects>, options: ReceiverOptions & Partial<QueryRetrievePorts> = {}) {
  const { maxMatches, maxRetrieved, ...rest } = options;
  const nothing: HeldObjects = {
    // biome-ignore lint/correctness/useYield: there is nothing
    async *find() {
      return;
    },
    instances: async () => [],
  };
  const queryRetrieve: QueryRetrievePorts = {
    held: { ...nothing, ...held },
    destination: () => ({ AETitle: 'NOBODY', host: '127.0.0.1', port: 1 }),
    transcode: async () => {
      throw new AppError('NOT_ACCEPTABLE', 'not here');
    },
    ...(maxMatches && { maxMatches }),
    ...(maxRetrieved && { maxRetrieved }),
  };
  const scp = await startReceiver({ isAllowed: () => true, ...rest, ports: { queryRetrieve } });
  running.scp = scp;
  const peer = new RawPeer(scp.port);
  const role = item(0x54, ...u16(CT_IMAGE_STORAGE.length), ...ascii(CT_IMAGE_STORAGE), 0, 1);
  // biome-ignore format: a table
  await peer.associate({
    contexts: [
      [1, FIND ?? '', EXPLICIT_VR_LITTLE_ENDIAN], [3, MOVE ?? '', EXPLICIT_VR_LITTLE_ENDIAN], [5, GET ?? '', EXPLICIT_VR_LITTLE_ENDIAN],
      [7, VERIFICATION, EXPLICIT_VR_LITTLE_ENDIAN], [9, CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN],
    ],
    userItems: role,
  });
  return { scp, peer };
}

const command = (field: number, messageId = 1, more: readonly (readonly [number, string])[] = []) =>
  // biome-ignore format: a table
  commandBytes([
    [0x0002, CLASS_OF[field] ?? ''], [0x0100, field], [0x0110, messageId], ...more.filter(([element]) => element < 0x0700),
    [0x0700, 0], [0x0800, 0],
  ]);
export const identifierOf = (...elements: Element[]) =>
  datasetBytes([[0x00080052, 'CS', 'STUDY'], [0x0020000d, 'UI', '1.2.3'], ...elements]);
export const request = (field: number, identifier: Uint8Array, messageId = 1): Uint8Array[] => {
  const contextId = CONTEXT_OF[field] ?? 0;
  const parts: Uint8Array[] = [pdata(contextId, 3, command(field, messageId))];
  for (let at = 0; at === 0 || at < identifier.length; at += 100_000) {
    const isLast = at + 100_000 >= identifier.length;
    parts.push(pdata(contextId, isLast ? 2 : 0, identifier.subarray(at, at + 100_000)));
  }
  return parts;
};
export const cancel = (field: number, messageId = 1) =>
  pdata(
    CONTEXT_OF[field] ?? 0,
    3,
    commandBytes([
      [0x0100, 0x0fff],
      [0x0120, messageId],
      [0x0800, 0x0101],
    ]),
  );
export const ECHO = pdata(
  7,
  3,
  commandBytes([
    [0x0002, VERIFICATION],
    [0x0100, 0x30],
    [0x0110, 99],
    [0x0800, 0x0101],
  ]),
);

/** Statuses of the responses until one is final, and the comment of that. */
export async function answers(peer: RawPeer): Promise<{ statuses: number[]; comment: string | undefined }> {
  const statuses: number[] = [];
  for (let pdu = await peer.next(); pdu !== undefined; pdu = await peer.next()) {
    const status = pdu.type === 4 ? commandElement(pdu, 0x0900) : undefined;
    // The data set of a pending response is a PDU of its own.
    if (status === undefined || (pdu.body[5] ?? 0) % 2 === 0) continue;
    statuses.push(status);
    if (status >>> 8 !== 0xff) return { statuses, comment: commandText(pdu, 0x0902) };
  }
  return { statuses, comment: 'closed' };
}

export const row = (n: number): AttributeRow => ({ StudyInstanceUID: `1.2.${n}`, PatientName: 'Doe^John' });

/** Rows without end; tells how many were taken, and whether whoever took them has let go. */
export function endless(pauseMs = 0) {
  const seen = { rows: 0, left: false };
  async function* find() {
    try {
      for (;;) {
        if (pauseMs > 0) await sleep(pauseMs);
        seen.rows += 1;
        yield [row(seen.rows)];
      }
    } finally {
      seen.left = true;
    }
  }
  return { seen, find };
}

export async function expectAlive(peer: RawPeer): Promise<void> {
  peer.write(ECHO);
  expect((await answers(peer)).statuses).toEqual([0]);
}
