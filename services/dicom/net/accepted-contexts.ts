import type { AssociateAC, AssociateRQ } from '../ul/pdu.ts';
import type { AcceptedContext } from './exchange.ts';

/** The contexts of an association that were accepted, as its acceptor sees them: the peer is the requestor. */
export function acceptedContexts(request: AssociateRQ, answer: AssociateAC): ReadonlyMap<number, AcceptedContext> {
  const { roles = [], extendedNegotiations = [] } = answer.userInformation;
  const asked = new Map(request.presentationContexts.map(({ id, abstractSyntax }) => [id, abstractSyntax]));
  const accepted = answer.presentationContexts.filter(({ result }) => result === 0);
  return new Map(
    accepted.map(({ id, transferSyntax }) => {
      const abstractSyntax = asked.get(id) ?? '';
      const isOfContext = ({ SOPClassUID }: { readonly SOPClassUID: string }) => SOPClassUID === abstractSyntax;
      const peerIsScp = roles.find(isOfContext)?.scp === true;
      const extended = extendedNegotiations.find(isOfContext)?.information ?? new Uint8Array(0);
      return [id, { abstractSyntax, transferSyntax, peerIsScp, extended }];
    }),
  );
}
