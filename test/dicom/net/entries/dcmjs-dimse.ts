import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Services of dcmjs-dimse, as a program: commitment in both roles, performed steps, notifications. Arguments: the folder it is
 * installed in, a command, and what is given to it as JSON. Each line it prints is JSON.
 */
const [folder = '', command = '', text = '{}'] = process.argv.slice(2);
const given = JSON.parse(text);
const { Client, Dataset, Scp, Server, constants, log, requests, responses } = createRequire(join(folder, 'index.cjs'))(
  'dcmjs-dimse',
);
log.setLevel('error');

const COMMITMENT = '1.2.840.10008.1.20.1';
const WELL_KNOWN = '1.2.840.10008.1.20.1.1';
const say = (what: unknown): void => void process.stdout.write(`${JSON.stringify(what)}\n`);

/** Sends requests on one association, in order; resolves with their statuses. */
function send(port: number, title: string, all: readonly unknown[]): Promise<readonly number[]> {
  const client = new Client();
  const statuses: number[] = [];
  for (const request of all) {
    const listened = request as { on(event: string, listener: (response: { getStatus(): number }) => void): void };
    listened.on('response', (response) => void statuses.push(response.getStatus()));
    client.addRequest(request);
  }
  return new Promise((resolve, reject) => {
    client.on('networkError', reject);
    client.on('closed', () => resolve(statuses));
    client.send('127.0.0.1', port, title, 'OVERREAD');
  });
}

/** A server that accepts commitment; what it does with a request is said by the methods. */
function listen(port: number, methods: Readonly<Record<string, unknown>>) {
  class Acceptor extends Scp {
    associationRequested(association: {
      getPresentationContexts(): { id: number }[];
      getPresentationContext(id: number): { setResult(result: number, syntax: string): void };
    }) {
      for (const { id } of association.getPresentationContexts()) {
        const syntax = constants.TransferSyntax.ImplicitVRLittleEndian;
        association.getPresentationContext(id).setResult(constants.PresentationContextResult.Accept, syntax);
      }
      this.sendAssociationAccept();
    }
    associationReleaseRequested() {
      this.sendAssociationReleaseResponse();
    }
  }
  Object.assign(Acceptor.prototype, methods);
  const server = new Server(Acceptor);
  server.on('networkError', (error: unknown) => say({ error: String(error) }));
  server.listen(port);
  return server;
}

const sops = (sequence: unknown): Record<string, unknown>[] =>
  sequence === undefined ? [] : Array.isArray(sequence) ? sequence : [sequence as Record<string, unknown>];

const COMMANDS: Readonly<Record<string, () => Promise<void>>> = {
  /** Asks for commitment, releases, and listens for the report. */
  async ask() {
    const heard = Promise.withResolvers<unknown>();
    const server = listen(given.listen, {
      nEventReportRequest(
        request: { getEventTypeId(): number; getDataset(): { getElements(): Record<string, unknown> } },
        callback: (response: unknown) => void,
      ) {
        const { TransactionUID, ReferencedSOPSequence, FailedSOPSequence } = request.getDataset().getElements();
        const response = responses.NEventReportResponse.fromRequest(request);
        response.setStatus(constants.Status.Success);
        callback(response);
        heard.resolve({
          ...{ event: request.getEventTypeId(), transaction: TransactionUID },
          committed: sops(ReferencedSOPSequence).map(({ ReferencedSOPInstanceUID }) => ReferencedSOPInstanceUID),
          failed: sops(FailedSOPSequence).map((one) => [one.ReferencedSOPInstanceUID, one.FailureReason]),
        });
      },
    });
    const request = new requests.NActionRequest(COMMITMENT, WELL_KNOWN, 1);
    const ReferencedSOPSequence = given.references.map(
      ([ReferencedSOPClassUID, ReferencedSOPInstanceUID]: string[]) => ({
        ReferencedSOPClassUID,
        ReferencedSOPInstanceUID,
      }),
    );
    request.setDataset(new Dataset({ TransactionUID: given.transaction, ReferencedSOPSequence }));
    const statuses = await send(given.port, given.title, [request]);
    say({ statuses, heard: await heard.promise });
    server.close();
  },

  /** Is asked, and reports on an association of its own. */
  async serve() {
    const report = async (elements: Record<string, unknown>) => {
      await sleep(100);
      const isLost = (one: Record<string, unknown>) => given.fail.includes(one.ReferencedSOPInstanceUID);
      const all = sops(elements.ReferencedSOPSequence);
      const [kept, lost] = [all.filter((one) => !isLost(one)), all.filter(isLost)];
      const request = new requests.NEventReportRequest(COMMITMENT, WELL_KNOWN, lost.length > 0 ? 2 : 1);
      request.setDataset(
        new Dataset({
          TransactionUID: elements.TransactionUID,
          ...(kept.length > 0 && { ReferencedSOPSequence: kept }),
          ...(lost.length > 0 && { FailedSOPSequence: lost.map((one) => ({ ...one, FailureReason: 0x112 })) }),
        }),
      );
      say({ reported: await send(given.port, given.title, [request]) });
    };
    listen(given.listen, {
      nActionRequest(
        request: { getDataset(): { getElements(): Record<string, unknown> } },
        callback: (response: unknown) => void,
      ) {
        const response = responses.NActionResponse.fromRequest(request);
        response.setStatus(constants.Status.Success);
        callback(response);
        void report(request.getDataset().getElements());
      },
    });
    say({ ready: true });
    process.stdin.on('end', () => process.exit()).resume();
  },

  /** N-CREATE and N-SET as given. */
  async send() {
    const all = given.messages.map(({ is, sopClass, uid, elements }: Record<string, string>) => {
      const request =
        is === 'set' ? new requests.NSetRequest(sopClass, uid) : new requests.NCreateRequest(sopClass, uid);
      request.setDataset(new Dataset(elements));
      return request;
    });
    say({ statuses: await send(given.port, given.title, all) });
  },
};

await COMMANDS[command]?.();
