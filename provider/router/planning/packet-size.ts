import { type EchoResult, PACKET_SIZES, type PacketSize } from "./paths";

/** A packet that surely fits, in bytes. */
const SMALL = 64;

/** The echo requests of a size that must stay unanswered, because a single one also gets lost on a path that is well. */
const ECHOES = 3;

/**
 * The largest packet that arrives in one piece.
 * @param echo sends one echo request of this size that must not be fragmented
 * @param limitBytes what the interface of the sender carries; larger packets are not sent, because it refuses them itself. Default: no limit
 * @throws Error when small ones are not answered, at first or later on
 */
export async function largestPacket(
  echo: (bytes: number) => Promise<EchoResult>,
  limitBytes = Number.POSITIVE_INFINITY,
): Promise<PacketSize> {
  if (!(await answersSmall(echo))) throw new Error("it does not answer to ping");
  let larger: PacketSize["larger"];
  for (const bytes of PACKET_SIZES) {
    const fate = bytes > limitBytes ? "refused" : await fateOf(bytes, echo);
    if (fate === "answered") return { bytes, ...(larger && { larger }) };
    // Once a router has told the sender, it knows the size and refuses larger packets itself.
    if (fate === "refused") larger = "refused";
    else larger ??= "lost";
  }
  return { bytes: SMALL, larger: larger ?? "lost" };
}

async function answersSmall(echo: (bytes: number) => Promise<EchoResult>): Promise<boolean> {
  for (let tried = 0; tried < ECHOES; tried += 1) if ((await echo(SMALL)) === "answered") return true;
  return false;
}

/** What becomes of packets of a size. They count as lost only while small ones between them are answered. */
async function fateOf(bytes: number, echo: (bytes: number) => Promise<EchoResult>): Promise<EchoResult> {
  for (let tried = 0; tried < ECHOES; tried += 1) {
    const fate = await echo(bytes);
    if (fate !== "lost") return fate;
    if ((await echo(SMALL)) !== "answered") throw new Error("small packets get lost too, so larger ones prove nothing");
  }
  return "lost";
}
