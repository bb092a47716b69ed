/** Folders in which programs keep credentials. */
const FOLDERS = /^(?:\.(?:aws|azure|docker|gnupg|kube|ssh|vault|secrets?)|secrets?|credentials?|private[-_]?keys?)$/i;
const FILES =
  /^(?:\.env(?:rc|\..+)?|.+\.env|.+\.(?:pem|key|p8|p12|pfx|jks|keystore|kdbx|ppk|tfvars|tfvars\.json|secrets?)|id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?|\.(?:npmrc|yarnrc|yarnrc\.yml|pypirc|netrc|pgpass|my\.cnf|htpasswd|dockercfg|dockerconfigjson|git-credentials|vault[-_]token)|_netrc|kubeconfig|(?:.*[-_.])?(?:credentials?|secrets?|tokens?|service[-_]?account)(?:[-_.].*)?|auth\.json)$/i;
const SAMPLE = /[-_.](?:example|sample|template|dist|pub)$/i;

/** Whether a path looks as if a secret were in it. Nothing that does is ever advised to be sent. */
export function looksSecret(path: string): boolean {
  const names = path.split("/");
  const file = names.at(-1) ?? "";
  return names.some((name) => FOLDERS.test(name)) || (FILES.test(file) && !SAMPLE.test(file));
}
