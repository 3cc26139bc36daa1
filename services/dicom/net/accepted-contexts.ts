import type { AssociateAC, AssociateRQ } from '../ul/pdu.ts';
import type { AcceptedContext } from './exchange.ts';

/** The contexts of an association that were accepted. */
export function acceptedContexts(
  request: AssociateRQ,
  answer: AssociateAC,
  peerIs: 'requestor' | 'acceptor',
): ReadonlyMap<number, AcceptedContext> {
  const { roles = [], extendedNegotiations = [] } = answer.userInformation;
  const asked = new Map(request.presentationContexts.map(({ id, abstractSyntax }) => [id, abstractSyntax]));
  const accepted = answer.presentationContexts.filter(({ result }) => result === 0);
  return new Map(
    accepted.map(({ id, transferSyntax }) => {
      const abstractSyntax = asked.get(id) ?? '';
      const isOfContext = ({ SOPClassUID }: { readonly SOPClassUID: string }) => SOPClassUID === abstractSyntax;
      const role = roles.find(isOfContext);
      // Without an answer the requestor is SCU alone (PS3.7 §D.3.3.4).
      const peerIsScp = role?.scp === true;
      const peerIsScpOnly = peerIs === 'requestor' && role?.scu === false;
      const extended = extendedNegotiations.find(isOfContext)?.information ?? new Uint8Array(0);
      return [id, { abstractSyntax, transferSyntax, peerIsScp, peerIsScpOnly, extended }];
    }),
  );
}
