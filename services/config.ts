import { z } from 'zod';
import { AppError } from './domain/errors.ts';
import { Provider } from './domain/model.ts';
import { AETitle } from './domain/peer.ts';
import { ReadingMode } from './domain/reading-state.ts';

const Port = z.coerce.number().int().min(1).max(65_535);
const Count = z.coerce.number().int().positive();
const Seconds = z.coerce.number().positive();

/** `AET@host:port`, as an operator writes it. */
const Peer = z
  .string()
  .trim()
  .regex(/^[^@\\]{1,16}@[^@\s]+:\d{1,5}$/, 'write it as AET@host:port')
  .transform((text) => {
    const at = text.indexOf('@');
    const colon = text.lastIndexOf(':');
    const host = text.slice(at + 1, colon).replace(/^\[|\]$/g, '');
    return { AETitle: text.slice(0, at).trim(), host, port: Number(text.slice(colon + 1)) };
  })
  .refine(({ port }) => port >= 1 && port <= 65_535, 'the port must be 1 to 65535');

const PrivateClass = z
  .string()
  .regex(/^[0-9]+(\.[0-9]+)*(\.\*)?$/, 'a UID, or a root that ends with .*')
  .max(64);

const list = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

/** `model=mode`, as an operator writes it. */
const ModelMode = z
  .string()
  .regex(/^[^=]+=[^=]+$/, 'write it as model=mode')
  .transform((text) => text.split('=').map((part) => part.trim()))
  .pipe(z.tuple([z.string().min(1), ReadingMode]));

/** Every setting there is. `docs/configuration.md` is generated from the descriptions below. */
// biome-ignore format: one setting a line reads as the table it is
export const Config = z
  .strictObject({
    AE_TITLE: AETitle.default('OVERREAD').meta({ description: 'Called AE title this node answers to' }),
    DIMSE_HOST: z.string().default('0.0.0.0').meta({ description: 'Address the storage SCP listens on' }),
    DIMSE_PORT: z.coerce.number().int().min(0).max(65_535).default(11_112).meta({ description: 'TCP port of the storage SCP; 0: nothing is heard in plaintext' }),
    DIMSE_TLS_PORT: Port.default(2762).meta({ description: 'The same by DICOM TLS (PS3.15 B.12); open where TLS_CERT_FILE, TLS_KEY_FILE and TLS_CA_FILE are set' }),
    TLS_CERT_FILE: z.string().min(1).optional().meta({ description: 'Certificate of this node with those of the authorities between, PEM' }),
    TLS_KEY_FILE: z.string().min(1).optional().meta({ description: 'Its private key, PEM, without a passphrase' }),
    TLS_CA_FILE: z.string().min(1).optional().meta({ description: 'Certificates of the authorities whose word on peers is taken, PEM' }),
    TLS_CRL_FILE: z.string().min(1).optional().meta({ description: 'Lists of revoked certificates, PEM, one of each authority at least; none: nobody is asked whether a certificate was revoked' }),
    RECEIVER_PROCESSES: z.coerce.number().int().min(1).max(64).default(1).meta({ description: 'Processes that receive on the same port, one per core at most; the limits on associations and rates hold for all of them together' }),
    HTTP_HOST: z.string().default('127.0.0.1').meta({ description: 'Address the web server listens on' }),
    HTTP_PORT: Port.default(8080).meta({ description: 'TCP port of the web server' }),
    DATA_DIR: z.string().min(1).default('./data').meta({ description: 'Instances and the embedded database' }),
    PACS: z.string().default('').transform(list).pipe(z.array(Peer)).meta({ description: 'Where results are sent by C-STORE: AET@host:port, several separated by commas; such a peer may also store here; none: kept here' }),
    QUERY_AE_TITLES: z.string().default('').transform(list).pipe(z.array(AETitle)).meta({ description: 'Calling AE titles that may query and retrieve (C-FIND, C-MOVE, C-GET) beyond what PEERS_FILE says, separated by commas; `*`: whoever may connect; none: nobody' }),
    ROUTES_FILE: z.string().min(1).optional().meta({ description: 'File (JSON) with rules that say which models read a study, how urgently, and where results go; none: every model reads every study. docs/routing.md' }),
    WATCH_FILE: z.string().min(1).optional().meta({ description: 'File (JSON) that says which archives are watched for new studies, and whose priors are fetched; none: nothing is fetched. docs/pull.md' }),
    MOVE_DESTINATIONS: z.string().default('').transform(list).pipe(z.array(Peer)).meta({ description: 'Where C-MOVE may send to: AET@host:port, several separated by commas; to any other it is refused' }),
    PEERS_FILE: z.string().min(1).optional().meta({ description: 'The application entities that may connect, and what each may do: JSON, read again when it changes (docs/peers.md). PACS, QUERY_AE_TITLES and MOVE_DESTINATIONS add to it' }),
    UNKNOWN_PEERS: z.enum(['deny', 'local', 'store']).default('local').meta({ description: 'Who is in no entry may verify and store: nobody (deny), only this machine from its loopback addresses (local), whoever may connect (store); all others are rejected' }),
    PRIVATE_STORAGE_CLASSES: z.string().default('').transform(list).pipe(z.array(PrivateClass)).meta({ description: 'Private SOP classes that are stored as the standard ones are: UIDs, or roots that end with `.*`, separated by commas' }),
    DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional().meta({ description: 'PostgreSQL server (15 or newer, in UTF8); none: the embedded one, under DATA_DIR' }),
    QUEUE_URL: z.url({ protocol: /^rediss?$/ }).optional().meta({ description: 'Redis or Valkey for the queue; none: the queue lives in PostgreSQL too' }),
    MODELS: z.string().default('lung-nodule-ct').transform(list).meta({ description: 'Models that read each study: folder names below MODELS_DIR, separated by commas' }),
    MODELS_DIR: z.string().min(1).optional().meta({ description: 'Folder of the model packages; none: `models/` of this installation' }),
    READING_MODES: z.string().default('').transform(list).pipe(z.array(ModelMode)).transform((modes): Readonly<Record<string, ReadingMode>> => Object.fromEntries(modes)).meta({ description: 'When the marks of a model are shown, as model=mode, several separated by commas. concurrent: at once (the default); second: after the reader has ended a read without them, and they are not even sent before; triage: never, only the flag in the worklist' }),
    SERIES_QUIET_SECONDS: Seconds.default(20).meta({ description: 'A series whose sender is still connected is complete after this long without a new instance' }),
    SERIES_RELEASED_QUIET_SECONDS: Seconds.default(2).meta({ description: 'The same after every association that sent it was released; grows to four times the longest pause seen' }),
    WORKER_CONCURRENCY: Count.default(1).meta({ description: 'Studies analysed at once per worker process' }),
    ANALYSIS_DEADLINE_SECONDS: Seconds.default(900).meta({ description: 'An analysis is killed after this long and tried again' }),
    ANALYSIS_MEMORY_MB: Count.default(6144).meta({ description: 'An analyzer process above this resident size is killed' }),
    INFERENCE_THREADS: z.coerce.number().int().min(0).default(0).meta({ description: 'Threads of one model run; 0: all cores' }),
    EXECUTION_PROVIDERS: z.string().default('').transform(list).pipe(z.array(Provider)).meta({ description: 'Where models run, in the order of preference: cpu, cuda, tensorrt, webgpu, coreml, dml; none: what each model says. One that is missing or answers otherwise than the cpu is passed over; `overread doctor --gpu` says why' }),
    GPU_DEVICES: z.string().default('0').transform(list).pipe(z.array(z.coerce.number<string>().int().min(0).max(63)).min(1)).meta({ description: 'Numbers of the graphics cards that analyses may use, separated by commas' }),
    GPU_SLOTS: Count.default(1).meta({ description: 'Analyses at once on the cards, by turns; what WORKER_CONCURRENCY allows beyond runs on the processor' }),
    GPU_MEMORY_MB: Count.optional().meta({ description: 'A model that says it needs more of a card runs on the processor; none: no limit' }),
    MODEL_CHECK_MINUTES: z.coerce.number().min(0).default(60).meta({ description: 'Every model is loaded and its self test run at the start, and again after so long; 0: only at the start' }),
    PREPARED_MB: z.coerce.number().int().min(0).default(2048).meta({ description: 'Disk space for images that are decoded while their series still arrives; 0: each is decoded when its analysis begins' }),
    IMAGE_PROCESSES: Count.default(2).meta({ description: 'Images decoded at once for web clients, each in a process of its own' }),
    IMAGE_DEADLINE_SECONDS: Seconds.default(20).meta({ description: 'Decoding for a web client is killed after this long' }),
    IMAGE_MEMORY_MB: Count.default(1024).meta({ description: 'A process that decodes for web clients is killed above this resident size' }),
    RETRY_SECONDS: Seconds.default(5).meta({ description: 'First pause before a result is sent again to a PACS that did not take it; doubles up to 15 minutes' }),
    MIN_FREE_DISK_MB: Count.default(512).meta({ description: 'Below this much free space instances are refused with status A700' }),
    MAX_ASSOCIATIONS: Count.default(32).meta({ description: 'Associations at once; one more is rejected as temporary congestion' }),
    MAX_ASSOCIATIONS_PER_PEER: Count.default(8).meta({ description: 'The same from one address' }),
    ASSOCIATION_IDLE_SECONDS: Seconds.default(60).meta({ description: 'An association without a byte for this long is aborted' }),
    ASSOCIATION_TOTAL_SECONDS: Seconds.default(7200).meta({ description: 'An association older than this is aborted' }),
    MAX_INSTANCE_MB: Count.default(2048).meta({ description: 'An instance larger than this is refused' }),
    LEFTOVER_GRACE_SECONDS: Seconds.default(3600).meta({ description: 'A stored file that the index did not know for this long is removed: it was never acknowledged' }),
    MAX_STOW_MB: Count.default(2048).meta({ description: 'A STOW-RS request larger than this is refused' }),
    LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info').meta({ description: 'Least severe line written' }),
  })
  .readonly();

export type Config = z.infer<typeof Config>;

/**
 * Reads the known keys of `env`.
 *
 * @throws {AppError} CONFIG_INVALID that lists every invalid setting.
 */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const known = Object.keys(Config.unwrap().shape);
  const given = Object.fromEntries(known.flatMap((key) => (env[key] === undefined ? [] : [[key, env[key]]])));
  const { success, data, error } = Config.safeParse(given);
  if (success) return data;
  throw new AppError('CONFIG_INVALID', `settings are wrong\n${z.prettifyError(error)}`);
}
