import type { Evidence } from '../../domain/diagnose.ts';
import type { AssociateAC, AssociateRJ, AssociateRQ, Fragment } from '../ul/pdu.ts';

/** How an association ended, for the one who used it. */
export interface AssociationEnd {
  readonly how: 'released' | 'rejected' | 'aborted by peer' | 'aborted' | 'closed';
  /** What was wrong; empty when it was released. Names fields and limits, never values of the data. */
  readonly reason: string;
  /** What was seen of it. */
  readonly evidence: Evidence;
  /** A bug of ours that ended it. */
  readonly error?: unknown;
}

/** What the service above an association does. */
export interface AssociationUser {
  /** Acceptor: answers the request. A rejection whose source is not the user (1) is the provider's own. */
  answer(request: AssociateRQ): AssociateAC | AssociateRJ;
  /** Requestor: the peer accepted. */
  accepted(answer: AssociateAC): void;
  /** Takes a fragment; a promise stops the reading of the socket until it is settled. Throws or rejects to abort. */
  fragment(fragment: Fragment): Promise<void> | undefined;
  /** Called once. The socket may live on until the peer has read our last word. */
  ended(end: AssociationEnd): void;
}
