import { z } from 'zod';

/** PS3.5 §6.2, VR AE. */
export const AETitle = z
  .string()
  .trim()
  .min(1)
  .max(16)
  .regex(/^[\x20-\x5b\x5d-\x7e]+$/, 'PS3.5 §6.2: no backslash or control characters');

/** The services of PS3.4 that this node takes part in. */
export const Service = z.enum(['verification', 'storage', 'find', 'move', 'get', 'commitment', 'mpps', 'availability']);
export type Service = z.infer<typeof Service>;

/** What belongs to sending: verifying, storing, reports on commitment, and hints that a study is complete. */
export const SENDING: readonly Service[] = ['verification', 'storage', 'commitment', 'mpps', 'availability'];

/** Bounds for one peer, where they differ from those for all. */
const PeerLimits = z.strictObject({
  /** Associations at once. */
  associations: z.number().int().positive().optional(),
  /** Without a byte, in seconds. */
  idleSeconds: z.number().positive().optional(),
  /** While a message is on its way. */
  minimumBytesPerSecond: z.number().int().positive().optional(),
  /** Instances taken per second, over ten seconds; a faster sender is read more slowly. */
  instancesPerSecond: z.number().positive().optional(),
});

/**
 * Another application entity: who it is, from where it may call, what it may do here, and where it is called.
 *
 * An association from an AE title and address of no peer is rejected unless the settings say otherwise.
 */
export const NamedPeer = z.strictObject({
  /** What operators call it: `overread doctor --peer NAME`. */
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, 'letters, digits, and _ . - between'),
  AETitle,
  /** What it must call us and we call ourselves to it, where that is not AE_TITLE. */
  calledAETitle: AETitle.optional(),
  /** Where it is called; none: it only calls us. */
  host: z.string().min(1).max(253).optional(),
  port: z.number().int().min(1).max(65_535).optional(),
  /** Both ways: it is called by TLS, and heard only by TLS. */
  tls: z.boolean().default(false),
  /** Of its certificate one name (subjectAltName, or common name) or SHA-256 fingerprint must be here; none: its AE title. */
  certificates: z.array(z.string().min(1)).optional(),
  /** From where it may call: IP addresses and networks (10.1.0.0/16); none: from everywhere. */
  addresses: z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()])).optional(),
  /** What it may use of ours; none: what belongs to sending. */
  allow: z.array(Service).default([...SENDING]),
  /** Storage SOP Classes it may send: UIDs, or roots that end with `.*`; none: all we take. */
  sopClasses: z.array(z.string().regex(/^[0-9]+(\.[0-9]+)*(\.\*)?$/)).optional(),
  limits: PeerLimits.default({}),
  /** Results are sent to it by C-STORE. */
  results: z.boolean().default(false),
  /** The service root of its DICOMweb, for QIDO-RS and WADO-RS. */
  dicomwebUrl: z.url({ protocol: /^https?$/ }).optional(),
});
export type NamedPeer = z.infer<typeof NamedPeer>;

/** The peers of a site, as the file of the setting PEERS_FILE holds them (JSON). Names are unique. */
export const PeerList = z.array(NamedPeer).superRefine((peers, context) => {
  const seen = new Set<string>();
  for (const [at, { name, host, port, results }] of peers.entries()) {
    if (seen.has(name)) context.addIssue({ code: 'custom', path: [at, 'name'], message: `${name} is there twice` });
    seen.add(name);
    if ((host === undefined) !== (port === undefined))
      context.addIssue({ code: 'custom', path: [at], message: `${name}: host and port go together` });
    if (results && host === undefined)
      context.addIssue({ code: 'custom', path: [at, 'results'], message: `${name}: results need host and port` });
  }
});
