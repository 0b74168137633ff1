#!/usr/bin/env bash
# Builds everything in Release and runs every test. The last line is always "N passed, N failed, N skipped".
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

readonly usage='Usage: ./test.sh [--filter <text>] [--no-e2e] [--chaos]

  --filter <text>  only tests whose full name (namespace, class, method) contains the text
  --no-e2e         without the end-to-end tests and the run of the quickstart
  --chaos          only the run of three regions in which everything fails that may, for 3 minutes
                   (or MESH_E2E_SECONDS); MESH_E2E_SEED, which it prints, repeats one. Beside it, damaged inputs
                   for every parser, two minutes in all (MESH_FUZZ_SECONDS each); MESH_FUZZ_SEED repeats one
  --help           this text

Needs the .NET 10 SDK. Installs from the distribution what else is missing (with apt-get, as root or by sudo): redis-server,
faketime, which gives a region a wrong clock, and the clients that some tests call the proxy with: curl, h2load
(nghttp2-client), and Node.js, for which npm fetches two packages. Without redis-server nothing runs; tests whose client
cannot be installed are skipped and say so.
The last line is "N passed, N failed, N skipped"; the exit code is 0 when nothing failed.'

# A hung project must not hang the whole run.
readonly project_timeout=900
readonly quickstart_timeout=240
readonly results=artifacts/test-results
readonly node_clients=tests/Mesh.Proxy.Tests/Clients/node

filter=
with_e2e=true
is_chaos=false
while (($# > 0)); do
  case $1 in
    --filter) filter=${2:?--filter needs a text}; shift 2 ;;
    --no-e2e) with_e2e=false; shift ;;
    --chaos) is_chaos=true; shift ;;
    --help | -h) echo "$usage"; exit 0 ;;
    *) echo "Unknown option $1" >&2; echo "$usage" >&2; exit 2 ;;
  esac
done

passed=0
failed=0
skipped=0
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1

finish() {
  local code=$?
  # Whatever ended the script early is a failure, even when no test had run.
  if ((code != 0 && failed == 0)); then
    failed=1
  fi
  echo "$passed passed, $failed failed, $skipped skipped"
  ((failed == 0)) || exit 1
}
trap finish EXIT

say() { printf '\n== %s\n' "$*"; }

as_root() {
  if ((EUID == 0)); then
    "$@"
  elif command -v sudo > /dev/null; then
    sudo "$@"
  else
    echo "this user may not install packages; run as root, or with sudo" >&2
    return 1
  fi
}

# Debian starts a service as soon as it is installed, Redis on its default port. Its packaging asks policy-rc.d first.
install_packages() {
  local policy=/usr/sbin/policy-rc.d
  local is_ours=false
  if ! command -v apt-get > /dev/null; then
    echo "there is no apt-get; install with this system's package manager: $*" >&2
    return 1
  fi
  if [[ ! -e $policy ]]; then
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" > /dev/null || return 1
    as_root chmod 755 "$policy"
    is_ours=true
  fi
  local code=0
  as_root apt-get update -qq \
    && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" \
    || code=$?
  if $is_ours; then
    as_root rm -f "$policy"
  fi
  return $code
}

# Installs the package of a program that is missing.
need() {
  local program=$1 package=$2
  if ! command -v "$program" > /dev/null; then
    say "installing $package"
    install_packages "$package"
  fi
}

# The clients that were not written here. Tests skip those that cannot be had, and say which.
install_clients() {
  need curl curl || true
  need h2load nghttp2-client || true
  need node nodejs || true
  need npm npm || true
  if command -v npm > /dev/null && [[ ! $node_clients/node_modules/.package-lock.json -nt $node_clients/package-lock.json ]]; then
    say "installing the clients in Node.js"
    npm ci --prefix "$node_clients" --no-audit --no-fund --ignore-scripts || true
  fi
}

# Adds the counts of an xUnit result file; false when it has none.
count() {
  local file=$1 assembly
  [[ -s $file ]] && grep -q '</assemblies>' "$file" || return 1
  assembly=$(grep -o '<assembly [^>]*>' "$file" | head -n 1)
  attribute() { grep -o " $1=\"[0-9]*\"" <<< "$assembly" | grep -o '[0-9]*' || echo 0; }
  ran=$(($(attribute passed) + $(attribute failed) + $(attribute skipped)))
  broken=$(($(attribute failed) + $(attribute errors)))
  passed=$((passed + $(attribute passed)))
  failed=$((failed + broken))
  skipped=$((skipped + $(attribute skipped)))
}

run_project() {
  local name=$1 code=0 ran=0 broken=0
  local program=tests/$name/bin/Release/net10.0/$name.dll
  local result=$results/$name.xml
  local arguments=(-result-xml "$result" -noColor -noLogo)
  if [[ -n $filter ]]; then
    arguments+=(-method "*$filter*")
  fi
  if $is_chaos; then
    arguments+=(-showLiveOutput)
  fi
  say "$name"
  timeout --kill-after=10 "$project_timeout" dotnet "$program" "${arguments[@]}" || code=$?
  if ((code == 124 || code == 137)); then
    echo "$name did not end within $project_timeout s"
  fi
  if ! count "$result"; then
    echo "$name ended with exit code $code and left no results"
    failed=$((failed + 1))
  elif ((ran == 0 && broken == 0)) && [[ -z $filter ]]; then
    echo "$name ran no test"
    failed=$((failed + 1))
  elif ((code != 0 && broken == 0)); then
    echo "$name ended with exit code $code although no test failed"
    failed=$((failed + 1))
  fi
}

run_quickstart() {
  say "quickstart"
  if timeout --kill-after=30 "$quickstart_timeout" \
    dotnet run --project deploy/quickstart -c Release --no-build -- --once --free-ports; then
    passed=$((passed + 1))
  else
    echo "the quickstart failed"
    failed=$((failed + 1))
  fi
}

if ! command -v dotnet > /dev/null; then
  echo "dotnet is missing: install the .NET 10 SDK, https://dotnet.microsoft.com/download" >&2
  exit 1
fi
need redis-server redis-server
need faketime faketime || true
if $is_chaos; then
  export MESH_E2E_SECONDS=${MESH_E2E_SECONDS:-180}
  export MESH_FUZZ_SECONDS=${MESH_FUZZ_SECONDS:-2.5}
else
  # The same damaged inputs every time; new ones belong to --chaos.
  export MESH_FUZZ_SEED=${MESH_FUZZ_SEED:-1}
  install_clients
fi

say "building"
dotnet build Mesh.sln -c Release -v quiet

# The end-to-end tests start what a user would deploy.
rm -rf artifacts/publish "$results"
mkdir -p "$results"
dotnet publish src/Silo -c Release --no-build -v quiet -o artifacts/publish/silo
dotnet publish src/Proxy -c Release --no-build -v quiet -o artifacts/publish/proxy

for folder in tests/*.Tests; do
  name=$(basename "$folder")
  if $is_chaos; then
    case $name in
      *EndToEnd*) filter=RegionChaosTests ;;
      *.Abstractions.* | *.Grains.* | *.Proxy.* | *.Silo.*) filter=.Fuzzing. ;;
      *) continue ;;
    esac
  fi
  if $with_e2e || [[ $name != *EndToEnd* ]]; then
    run_project "$name"
  fi
done
if $with_e2e && [[ -z $filter ]]; then
  run_quickstart
fi
echo
