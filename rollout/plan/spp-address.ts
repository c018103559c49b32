/**
 * The address of an SPP in its one spelling: lower case, without blanks around it and without the dot at the end of a full name. One
 * change at a time holds per address, so every spelling must lead to the same one.
 */
export const sppAddress = (text: string) => text.trim().toLowerCase().replace(/\.$/, "");
