import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { CERTIFICATE } from "../../tests/support/certificate";
import { certificatesIn, certificatesProblem, holdsCertificates, withLineBreaks } from "./pem";

const LINES = CERTIFICATE.trim().split("\n");
const DER = Buffer.from(LINES.slice(1, -1).join(""), "base64");
const pem = (label: string) => `-----BEGIN ${label}-----\nAAAA\n-----END ${label}-----\n`;

describe("PEM certificates", () => {
  it("are read in every usual layout, also with line breaks as two characters", () => {
    const layouts = [
      CERTIFICATE,
      CERTIFICATE.replaceAll("\n", "\r\n"),
      CERTIFICATE.replaceAll("\n", "\\n"),
      CERTIFICATE.replaceAll("\n", "\\r\\n"),
      `subject=CN = Example\n${CERTIFICATE}\nsome remark\n${CERTIFICATE}`,
    ];
    for (const layout of layouts) {
      assert.equal(certificatesProblem(layout), undefined);
      assert.ok(holdsCertificates(layout));
      assert.ok(certificatesIn(layout).every(({ subject }) => subject === "CN=Example"));
    }
    assert.equal(certificatesIn(layouts[4] ?? "").length, 2);
    assert.equal(withLineBreaks("C:\\new"), "C:\\new");
  });

  const mistakes: Record<string, [string, RegExp][]> = {
    "the path of a file": [
      ["/etc/ssl/company.pem", /^it is the path of a file; set it to the content of the file, .* fs\.readFileSync$/],
      ["~/company.crt", /^it is the path/],
      ["company.cer", /^it is the path/],
      ["C:\\certs\\company", /^it is the path/],
    ],
    "DER, as text or in base64": [
      [DER.toString("utf8"), /^it is in DER form; convert the file with `openssl x509 -inform der/],
      [DER.toString("latin1"), /^it is in DER form/],
      [DER.toString("base64"), /^it lacks its PEM lines; put -----BEGIN CERTIFICATE----- before it/],
    ],
    "a text that is cut off": [
      [
        LINES.slice(0, -1).join("\n"),
        /^it is cut off: the certificate has no line -----END CERTIFICATE-----; give the/,
      ],
      [CERTIFICATE + LINES.slice(0, 4).join("\n"), /^it is cut off: certificate 2 of 2 has no line/],
      [LINES.slice(0, 3).join("\n") + CERTIFICATE, /^it is cut off: certificate 1 of 2 has no line/],
    ],
    "damaged certificates": [
      [[...LINES.slice(0, 4), ...LINES.slice(5)].join("\n"), /^the certificate cannot be read; export it again in PEM/],
      [pem("CERTIFICATE"), /^the certificate cannot be read/],
    ],
    "other forms": [
      [Buffer.from(CERTIFICATE, "utf16le").toString("utf8"), /^it is in UTF-16; save the file as UTF-8$/],
      [pem("PKCS7"), /^it is in PKCS #7 form; convert it with `openssl pkcs7 -print_certs/],
      [pem("CERTIFICATE REQUEST"), /^it is a certificate request/],
      [pem("TRUSTED CERTIFICATE"), /^it is in OpenSSL's own form/],
      [pem("EC PRIVATE KEY"), /^it is a private key; set it to the certificates of the authority$/],
    ],
  };
  for (const [name, cases] of Object.entries(mistakes)) {
    it(`are told apart from ${name}`, () => {
      for (const [text, problem] of cases) {
        assert.match(certificatesProblem(text) ?? "", problem);
        assert.equal(holdsCertificates(text), false);
      }
    });
  }

  it("explain nothing about a text that looks like none of these", () => {
    for (const text of ["", "rubbish", "a sentence about certificates."]) {
      assert.deepEqual([certificatesProblem(text), holdsCertificates(text)], [undefined, false]);
    }
  });
});
