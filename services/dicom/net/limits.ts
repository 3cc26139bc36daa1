/** Bounds that no setting moves: what a peer may make us hold or wait for, whatever it claims. */

/** Longest P-DATA-TF body we ask for. Longer ones cost memory nowhere, so up to {@link MAX_PDU_BYTES} is tolerated. */
export const ADVERTISED_PDU_BYTES = 128 * 1024;
export const MAX_PDU_BYTES = 1024 * 1024;
export const MAX_ASSOCIATE_BYTES = 128 * 1024;
export const MAX_COMMAND_BYTES = 16 * 1024;

/** Connections that have not become an association yet; when one more comes, the oldest of them is dropped. */
export const MAX_PENDING_CONNECTIONS = 512;

/** Read and thrown away after our A-ABORT, so that the peer can still read it; then the connection is cut. */
export const MAX_DISCARDED_BYTES = 256 * 1024;

/** ARTIM (PS3.8 §9.1.5): from connection to a whole A-ASSOCIATE-RQ, and from our last word to the peer's close. */
export const ARTIM_SECONDS = 10;

/** While a message is on its way: at least this many bytes per second, measured over this many seconds. */
export const PACE_BYTES_PER_SECOND = 1024;
export const PACE_SECONDS = 30;

/** Identifier of a query or retrieval: some thousand UIDs. */
export const MAX_IDENTIFIER_BYTES = 1024 * 1024;
/** A data set that nobody wants is read and dropped, so that its sender hears why; up to this. */
export const MAX_DROPPED_BYTES = 64 * 1024 * 1024;
/** Matches that one C-FIND is answered with. */
export const MAX_MATCHES = 100_000;
/** Instances of one C-MOVE or C-GET: its counts are 16 bits. */
export const MAX_RETRIEVED = 65_535;

/** Data set of a commitment request or report, of a performed step, of a notification; and the instances it names. */
export const MAX_NOTICE_BYTES = 4 * 1024 * 1024;
export const MAX_NAMED_INSTANCES = 20_000;
/** Series that a performed step or a notification names. */
export const MAX_NAMED_SERIES = 1000;
