import { X509Certificate } from "node:crypto";

/**
 * PEM text with real line breaks: variables and JSON files often hold them as the two characters `\n`. Base64 and PEM lines contain no
 * backslash; any other text is returned unchanged.
 */
export function withLineBreaks(text: string): string {
  return text.includes("-----BEGIN") ? text.replace(/\\r\\n|\\n|\r\n/g, "\n") : text;
}

const BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]*?(?:-----END CERTIFICATE-----|(?=-----BEGIN)|$)/g;

/** Texts that are no PEM certificates, each with its remedy. */
const OTHER_FORMS: readonly [RegExp, string][] = [
  [/-\0-\0-/, "it is in UTF-16; save the file as UTF-8"],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----/, "it is a private key; set it to the certificates of the authority"],
  [/-----BEGIN PKCS7-----/, "it is in PKCS #7 form; convert it with `openssl pkcs7 -print_certs -in FILE`"],
  [/-----BEGIN CERTIFICATE REQUEST-----/, "it is a certificate request; set it to the certificates of the authority"],
  [
    /-----BEGIN TRUSTED CERTIFICATE-----/,
    "it is in OpenSSL's own form; convert it with `openssl x509 -in FILE -out FILE.pem`",
  ],
  [
    /^0[\x80-\xff\ufffd]|\ufffd/,
    "it is in DER form; convert the file with `openssl x509 -inform der -in FILE -out FILE.pem`",
  ],
  [
    /^\s*MI[A-Za-z0-9+/=\s]{100,}$/,
    "it lacks its PEM lines; put -----BEGIN CERTIFICATE----- before it and -----END CERTIFICATE----- behind it",
  ],
  [
    /^(?=\S{1,1000}\s*$)(?:[~./\\]|[A-Za-z]:[\\/]|file:|.*\.(?:pem|crt|cer|cert|der|ca)\s*$)/,
    "it is the path of a file; set it to the content of the file, for example with fs.readFileSync",
  ],
];

/** Why a text holds no usable PEM certificates, with the remedy; undefined when it does, or when it is something else entirely. */
export function certificatesProblem(text: string): string | undefined {
  const blocks = withLineBreaks(text).match(BLOCK) ?? [];
  if (blocks.length === 0) return OTHER_FORMS.find(([form]) => form.test(text))?.[1];
  for (const [index, block] of blocks.entries()) {
    const which = blocks.length === 1 ? "the certificate" : `certificate ${index + 1} of ${blocks.length}`;
    if (!block.includes("-----END CERTIFICATE-----")) {
      return `it is cut off: ${which} has no line -----END CERTIFICATE-----; give the whole file`;
    }
    if (!parse(block)) return `${which} cannot be read; export it again in PEM form (Base64)`;
  }
  return undefined;
}

/** Whether a text holds PEM certificates, all of them readable. */
export function holdsCertificates(text: string): boolean {
  return text.includes("-----BEGIN CERTIFICATE-----") && certificatesProblem(text) === undefined;
}

/** The readable certificates in a PEM text. */
export function certificatesIn(text: string): X509Certificate[] {
  return (withLineBreaks(text).match(BLOCK) ?? []).flatMap((block) => parse(block) ?? []);
}

function parse(block: string): X509Certificate | undefined {
  try {
    return new X509Certificate(block);
  } catch {
    return undefined;
  }
}
