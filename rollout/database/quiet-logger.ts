/** The engine's own log would mix with our output; what it reports about a rollout is in the journal. */
export const quietLogger = { info() {}, debug() {}, warn() {}, error() {} };
