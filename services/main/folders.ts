/** Below DATA_DIR: received instances, by our own keys. */
export const INSTANCE_FOLDER = 'instances';
