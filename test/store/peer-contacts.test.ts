import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Contact } from '../../services/domain/contact.ts';
import { contactBook } from '../../services/main/contact-book.ts';
import { peerContacts } from '../../services/store/peer-contacts.ts';
import { startStore } from '../support/database.ts';
import { fakeContext } from '../support/fake-context.ts';

const running: Partial<Awaited<ReturnType<typeof startStore>>> = {};
beforeAll(async () => void Object.assign(running, await startStore()), 60_000);
afterAll(() => running.stop?.());
const table = (options = {}) => {
  if (running.store === undefined) throw new Error('not started');
  return peerContacts(running.store, options);
};
const well: Contact = { direction: 'in', peer: 'ct', AETitle: 'CT1', address: '10.1.2.3' };
const stranger = (address: string, AETitle = 'ANY'): Contact => ({
  ...{ direction: 'in', AETitle, address },
  diagnosis: { code: 'CALLER_UNKNOWN', params: { us: 'OVERREAD', aet: AETitle, address } },
});

/** What a book has written of these contacts, once it is closed. */
async function written(...contacts: readonly Contact[]) {
  const book = contactBook(fakeContext(), table().addContacts);
  for (const contact of contacts) book.contact(contact);
  await book.close();
  return table().contacts();
}

it('a peer has a row for each way: how often, when last, and what failed last', async () => {
  const lost: Contact = {
    ...well,
    diagnosis: { code: 'CONNECTION_LOST', params: { aet: 'CT1', detail: 'ECONNRESET' } },
  };
  const [first] = await written(well, lost, well);
  expect(first).toMatchObject({ who: 'ct', isPeer: true, associations: 2, failures: 1, AETitle: 'CT1' });
  expect(first?.lastFailure?.words.en.sentence).toContain('broke off');
  expect(first?.lastFailure?.words['zh-CN'].sentence).toContain('断开');
  const rows = await written({ ...well, address: '10.1.2.4' }, { ...well, direction: 'out' });
  expect(rows.find(({ direction }) => direction === 'in')).toMatchObject({
    ...{ associations: 3, failures: 1, address: '10.1.2.4', lastFailure: first?.lastFailure },
  });
  expect(rows.find(({ direction }) => direction === 'out')).toMatchObject({ associations: 1, lastFailure: null });
});

it('refused contexts are a failure of an association that is one', async () => {
  const refused: Contact = { ...well, peer: 'mr', diagnosis: { code: 'CONTEXTS_REFUSED', params: {} } };
  const rows = await written(refused);
  expect(rows.find(({ who }) => who === 'mr')).toMatchObject({ associations: 1, failures: 1 });
});

it('strangers are known by their address, whatever they call themselves', async () => {
  const rows = await written(
    stranger('10.9.9.9', 'A'),
    stranger('10.9.9.9', "B\0'; DROP TABLE peer_contact; --"),
    stranger('10.9.9.8'),
  );
  const strangers = rows.filter(({ isPeer }) => !isPeer);
  expect(strangers.map(({ who }) => who).toSorted()).toEqual(['10.9.9.8', '10.9.9.9']);
  expect(strangers.find(({ who }) => who === '10.9.9.9')).toMatchObject({
    ...{ failures: 2, AETitle: "B?'; DROP TABLE peer_contact; --", associations: 0, lastAssociationAt: null },
  });
  // A peer that has the name of an address is another.
  expect((await written({ ...well, peer: '10.9.9.9' })).filter(({ who }) => who === '10.9.9.9')).toHaveLength(2);
});

it('of a flood the newest strangers are kept, and every peer', async () => {
  for (let n = 0; n < 3; n += 1) {
    const book = contactBook(fakeContext(), table({ maxStrangers: 20 }).addContacts);
    for (let i = 0; i < 15; i += 1) book.contact(stranger(`10.${n}.0.${i}`));
    await book.close();
  }
  const rows = await table().contacts();
  const kept = rows.filter(({ isPeer }) => !isPeer).map(({ who }) => who);
  expect(kept.length).toBeLessThanOrEqual(20);
  expect(kept.filter((who) => who.startsWith('10.2.'))).toHaveLength(15);
  expect(rows.filter(({ who }) => who === 'ct')).toHaveLength(2);
});
