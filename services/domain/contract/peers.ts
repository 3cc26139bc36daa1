import { z } from 'zod';
import { Diagnosis } from '../diagnosis.ts';
import { Service } from '../peer.ts';

const Words = z.strictObject({ sentence: z.string(), request: z.string() });

/** A diagnosis with its words, in each language of the screens. */
const ToldDiagnosis = Diagnosis.extend({
  words: z.strictObject({ en: Words, 'zh-CN': Words }),
});

/** What was last heard of a peer or a stranger, one way. */
const ContactState = z.strictObject({
  direction: z.enum(['in', 'out']),
  AETitle: z.string(),
  address: z.string(),
  associations: z.number().int(),
  failures: z.number().int(),
  lastAssociationAt: z.iso.datetime().nullable(),
  lastFailureAt: z.iso.datetime().nullable(),
  /** Of the last failure; it may be older than the last association. */
  lastFailure: ToldDiagnosis.nullable(),
});

/** `GET /api/peers`: the table in force and how its peers do. No keys, no certificates. */
export const PeersInfo = z.strictObject({
  /** When PEERS_FILE was read; `null` where no file is set. */
  loadedAt: z.iso.datetime().nullable(),
  /** Why the file that is there now is not in force. */
  problem: z.string().nullable(),
  /** Until when the certificate of this node holds; `null` without DICOM TLS. */
  certificateEndsAt: z.iso.datetime().nullable(),
  unknownPeers: z.enum(['deny', 'local', 'store']),
  peers: z.array(
    z.strictObject({
      name: z.string(),
      AETitle: z.string(),
      host: z.string().nullable(),
      port: z.number().int().nullable(),
      tls: z.boolean(),
      addresses: z.array(z.string()).nullable(),
      allow: z.array(Service),
      results: z.boolean(),
      contacts: z.array(ContactState),
    }),
  ),
  /** Who called and is in no entry, newest first. */
  strangers: z.array(ContactState),
});
export type PeersInfo = z.infer<typeof PeersInfo>;

/** A step of the doctor: what was tried, and what came of it. */
export const DoctorStep = z.strictObject({
  step: z.enum(['address', 'connection', 'tls', 'association', 'verification', 'storage', 'transferSyntaxes', 'query']),
  state: z.enum(['ok', 'partly', 'failed', 'skipped']),
  detail: z.string(),
  diagnosis: ToldDiagnosis.nullable(),
});
export type DoctorStep = z.infer<typeof DoctorStep>;

/** `POST /api/peers/:name/doctor`. */
export const DoctorReport = z.strictObject({
  name: z.string(),
  AETitle: z.string(),
  host: z.string(),
  port: z.number().int(),
  tls: z.boolean(),
  state: z.enum(['ok', 'partly', 'failed']),
  steps: z.array(DoctorStep),
});
export type DoctorReport = z.infer<typeof DoctorReport>;
