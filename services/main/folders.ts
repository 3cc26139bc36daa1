/** Below DATA_DIR: received instances, by our own keys. */
export const INSTANCE_FOLDER = 'instances';
/** Images decoded ahead of their analysis; may be deleted at any time. */
export const PREPARED_FOLDER = 'prepared';
