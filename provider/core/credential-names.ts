/** Members of a connection that hold a credential, wherever the connection stands. */
export const CREDENTIAL_NAMES: readonly string[] = ["password", "privateKey", "passphrase"];
