import type { Contact } from '../domain/contact.ts';
import type { Context } from '../domain/context.ts';
import type { ContactSum } from '../store/peer-contacts.ts';
import { every } from './timer.ts';

const WRITE_PAUSE_MS = 1000;
/** Application entities between two writes; of a flood from more addresses the rest is in the log alone. */
const MAX_WAITING = 200;

/** Adds up contacts and writes them now and then: a flood of associations is a few rows, and nobody waits for the database. */
export function contactBook(
  context: Context,
  addContacts: (sums: readonly ContactSum[]) => Promise<void>,
  pauseMs = WRITE_PAUSE_MS,
) {
  const waiting = new Map<string, ContactSum>();
  const write = async () => {
    const sums = [...waiting.values()];
    waiting.clear();
    if (sums.length > 0) await addContacts(sums);
  };
  const writing = every(context, 'contacts', pauseMs, write);
  return {
    contact(contact: Contact): void {
      const { direction, peer } = contact;
      const who = peer ?? contact.address;
      const key = `${direction} ${peer === undefined ? 'stranger' : 'peer'} ${who}`;
      const before = waiting.get(key);
      if (before === undefined && waiting.size >= MAX_WAITING) return;
      waiting.set(key, added(before, who, contact));
    },
    async close(): Promise<void> {
      await writing.close();
      await write().catch((error: unknown) => context.log.error('contacts.failed', error));
    },
  };
}

function added(before: ContactSum | undefined, who: string, contact: Contact): ContactSum {
  const { direction, peer, AETitle, address, diagnosis } = contact;
  const now = new Date();
  // A context that was refused is told, and the association goes on.
  const isAssociation = diagnosis === undefined || diagnosis.code === 'CONTEXTS_REFUSED';
  return {
    ...{ direction, who, isPeer: peer !== undefined, AETitle: writable(AETitle), address },
    associations: (before?.associations ?? 0) + Number(isAssociation),
    failures: (before?.failures ?? 0) + Number(diagnosis !== undefined),
    lastAssociationAt: isAssociation ? now : (before?.lastAssociationAt ?? null),
    lastFailureAt: diagnosis === undefined ? (before?.lastFailureAt ?? null) : now,
    lastFailure: diagnosis === undefined ? (before?.lastFailure ?? null) : cleaned(diagnosis),
  };
}

/** What a stranger calls itself may hold anything; PostgreSQL takes no NUL. */
const writable = (text: string): string => text.replace(/\p{Cc}/gu, '?');

function cleaned(diagnosis: NonNullable<Contact['diagnosis']>): NonNullable<Contact['diagnosis']> {
  const clean = (value: string | number) => (typeof value === 'string' ? writable(value) : value);
  const params = Object.entries(diagnosis.params).map(([name, value]) => [name, clean(value)] as const);
  return { ...diagnosis, params: Object.fromEntries(params) };
}
