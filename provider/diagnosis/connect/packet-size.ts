import { PACKET_SIZES, type PacketSize } from "../../router/planning/paths";

/** A packet that surely fits, in bytes. */
const SMALL = 64;

/**
 * The largest packet that arrives in one piece.
 * @param echo sends one echo request of this size that must not be fragmented
 * @throws Error when not even a small one is answered
 */
export async function largestPacket(
  echo: (bytes: number) => Promise<"answered" | "refused" | "lost">,
): Promise<PacketSize> {
  if ((await echo(SMALL)) !== "answered") throw new Error("it does not answer to ping");
  let larger: PacketSize["larger"];
  for (const bytes of PACKET_SIZES) {
    const result = await echo(bytes);
    if (result === "answered") return { bytes, ...(larger && { larger }) };
    // Once a router has told the sender, it knows the size and refuses larger packets itself.
    if (result === "refused") larger = "refused";
    else larger ??= "lost";
  }
  return { bytes: SMALL, larger: larger ?? "lost" };
}
