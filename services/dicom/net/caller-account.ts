import type { Contact } from '../../domain/contact.ts';
import type { Evidence } from '../../domain/diagnose.ts';
import { type CallerEvidence, diagnoseCaller } from '../../domain/diagnose-caller.ts';
import { type Diagnosis, diagnosisWords } from '../../domain/diagnosis.ts';
import type { Access, CertificateNames, Refused } from '../../domain/peer-access.ts';
import type { AssociateAC, AssociateRJ, AssociateRQ } from '../ul/pdu.ts';
import type { AssociationEnd } from './association-user.ts';
import { contextResult } from './negotiate.ts';
import { serviceClass } from './service-classes.ts';

/** Tells of one connection to us: that it became an association, or why it did not, or how it broke. */
export class CallerAccount {
  readonly #tell: (contact: Contact) => void;
  readonly #address: string;
  #us: string;
  #AETitle = '';
  #called = '';
  #peer: string | undefined;
  #isAccepted = false;
  #own: Partial<CallerEvidence> = {};

  constructor(us: string, address: string, tell: (contact: Contact) => void) {
    this.#us = us;
    this.#address = address;
    this.#tell = tell;
  }

  /** Somebody asks for an association. */
  asked(request: AssociateRQ, access: Access | Refused | undefined, certificate: CertificateNames | undefined): void {
    this.#AETitle = request.callingAETitle;
    this.#called = request.calledAETitle;
    this.#peer = access?.peer;
    if (certificate !== undefined) this.#own = { names: certificate.names.join(', ') };
    if (access === undefined) return;
    if ('refused' in access) this.#own = { ...this.#own, refused: access.refused };
    else this.#us = access.calledAETitle;
  }

  rejected(answer: AssociateRJ): AssociateRJ {
    const { result, source, reason } = answer;
    this.#own = { ...this.#own, rejection: { result, source, reason } };
    return answer;
  }

  accepted(request: AssociateRQ, answer: AssociateAC): void {
    this.#isAccepted = true;
    this.#tellOf(this.#refusedContexts(request, answer));
  }

  /** What the log adds to its line on the end; nothing where all went well. */
  ended(how: AssociationEnd['how'], evidence: Evidence): { readonly explanation?: string } {
    if (how === 'released') return {};
    const stage = this.#isAccepted ? 'associated' : evidence.stage;
    const diagnosis = diagnoseCaller({ ...evidence, ...this.#own, stage }, this.#names());
    this.#tellOf(diagnosis);
    return { explanation: diagnosisWords(diagnosis).sentence };
  }

  #tellOf(diagnosis: Diagnosis | undefined): void {
    this.#tell({ direction: 'in', peer: this.#peer, AETitle: this.#AETitle, address: this.#address, diagnosis });
  }

  #refusedContexts(request: AssociateRQ, { presentationContexts }: AssociateAC): Diagnosis | undefined {
    const refused = presentationContexts.filter(({ result }) => result !== 0);
    const [first] = refused;
    if (first === undefined) return undefined;
    const proposed = request.presentationContexts.find(({ id }) => id === first.id);
    const uid = proposed?.abstractSyntax ?? '';
    const names = { aet: this.#AETitle, us: this.#us, address: this.#address };
    const counts = { count: refused.length, all: presentationContexts.length };
    const service = serviceClass(uid, () => false)?.name ?? uid;
    const params = { ...names, ...counts, service, detail: contextResult(first.result) };
    return { code: 'CONTEXTS_REFUSED', params };
  }

  #names() {
    return { us: this.#us, AETitle: this.#AETitle, called: this.#called, address: this.#address };
  }
}

/** Of a TLS handshake that failed, before anybody could ask for anything. */
export const handshakeDiagnosis = (systemError: string, us: string, address: string): Diagnosis =>
  diagnoseCaller({ stage: 'securing', isTls: true, systemError }, { us, AETitle: '', called: '', address });
