/**
 * The URL of a PostgreSQL server, as the driver takes it without a warning. The text may hold a password, which no message shows.
 * @throws Error when it is no such URL, with the remedy
 */
export function serverUrl(text: string): string {
  const given = text.trim();
  if (given === "") throw new Error(`it is empty; ${FORM}, or unset it for an embedded database`);
  const url = URL.canParse(given) ? new URL(given) : undefined;
  const isWhole = url !== undefined && [url.username, url.password, url.pathname].every(isEncoded);
  if (!isWhole || !/^postgres(ql)?:$/.test(url.protocol))
    throw new Error(
      `it is no URL of a PostgreSQL database; ${FORM}, with % codes for special characters, such as %40 for @ in the password`,
    );
  // The driver verifies the certificate with all of these, and warns that it will not always do.
  const mode = url.searchParams.get("sslmode") ?? "";
  if (!["prefer", "require", "verify-ca"].includes(mode) || url.searchParams.has("uselibpqcompat")) return given;
  url.searchParams.set("sslmode", "verify-full");
  return url.href;
}

const FORM = "set postgres://USER:PASSWORD@HOST:PORT/DATABASE";

function isEncoded(part: string): boolean {
  try {
    return decodeURIComponent(part) !== undefined;
  } catch {
    return false;
  }
}
