import { exchangeFor } from '../../../services/dicom/net/exchange-for.ts';
import type { StoreRequest } from '../../../services/dicom/net/instance-sink.ts';
import type { GetStorage } from '../../../services/dicom/net/retrieve-scu.ts';
import { fakeContext } from '../../support/fake-context.ts';

/** Takes what a C-GET sends: data sets by SOP Instance UID, and the transfer syntaxes they came in. */
export function takenInMemory(classes: GetStorage['classes']) {
  const taken = new Map<string, Buffer>();
  const syntaxes: string[] = [];
  const openInstance = ({ SOPInstanceUID, TransferSyntaxUID }: StoreRequest) => {
    const parts: Uint8Array[] = [];
    return {
      write: (bytes: Uint8Array) => void parts.push(bytes.slice()),
      end: async () => {
        syntaxes.push(TransferSyntaxUID);
        taken.set(SOPInstanceUID, Buffer.concat(parts));
        return { status: 0 };
      },
      abort: async () => {},
    };
  };
  const served = {
    context: fakeContext(),
    ports: { openInstance },
    ...{ AETitle: 'TESTER', maxInstanceBytes: 2 ** 30, counts: { stored: 0, refused: 0, bytes: 0 }, series: new Map() },
  };
  const storage: GetStorage = { classes, serve: (channel) => exchangeFor(served, channel) };
  return { storage, taken, syntaxes };
}
