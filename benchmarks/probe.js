// Runs in every frame before anything else and notes, in milliseconds since the epoch, when the
// map was drawn, when the script had run, when somebody clicked, and when the picture last changed.
(subject) => {
  const facts = { drawn: 0, whole: 0, input: 0, changed: 0, views: 0 };
  const hooked = new WeakSet();
  const ready = new Function("return Boolean(" + subject.ready + ")");
  const find = new Function("return " + subject.map);
  let news = 0, seen = "";
  window.benchmarkFacts = facts;
  for (const kind of ["click", "wheel"]) {
    addEventListener(kind, (e) => { facts.input = performance.timeOrigin + e.timeStamp; }, true);
  }
  function idle() {
    const app = document.querySelector("[data-testid=stApp]");
    return app && app.dataset.testScriptState === "notRunning" && document.querySelector("h1");
  }
  window.benchmarkLook = () => {
    const now = performance.timeOrigin + performance.now();
    if (!facts.drawn && ready()) { facts.drawn = now; }
    if (window === window.top && !facts.whole && idle()) { facts.whole = now; }
    const map = find();
    if (map && !hooked.has(map)) {
      hooked.add(map);
      map.on(subject.done, () => { news += 1; });
    }
    const log = window.cityMapLog || {};
    facts.views = log.views || 0;
    const state = news + " " + (log.drawn || 0);
    if (state !== seen) { seen = state; facts.changed = now; }
  };
  // The callback comes once the picture before it is done, so that all maps pay for theirs. The
  // page's own serves its frames too: those of a frame that had no size yet may never come.
  function look() {
    window.benchmarkLook();
    for (let i = 0; i < window.length; i++) { (window[i].benchmarkLook || (() => 0))(); }
    requestAnimationFrame(look);
  }
  if (window === window.top) { requestAnimationFrame(look); }
}
