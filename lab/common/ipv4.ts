/** An IPv4 address as a number. */
export function addressValue(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

/** A number as an IPv4 address. */
export function addressText(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}

/** The network of an address under a prefix of this length. */
export function networkText(address: string, length: number): string {
  const size = 2 ** (32 - length);
  return addressText(Math.floor(addressValue(address) / size) * size);
}

/** The mask of a prefix of this length. */
export function maskText(length: number): string {
  return addressText(2 ** 32 - 2 ** (32 - length));
}
