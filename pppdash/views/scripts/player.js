// The months as a slider that can be played: each step redraws the shading, and nothing else.
const STEP_MS = 350;

CityMap.Player = class {
  constructor(city) {
    this.city = city;
    this.playing = null;
    this.moved = false;  // away from the page's own date
    const bar = this.bar = L.DomUtil.create("div", "player");
    this.button = bar.appendChild(document.createElement("button"));
    this.button.type = "button";
    this.slider = bar.appendChild(document.createElement("input"));
    this.slider.type = "range";
    this.label = bar.appendChild(document.createElement("output"));
    this.named(false);
    this.slider.setAttribute("aria-label", "Month");
    this.button.addEventListener("click", () => this.playing ? this.stop() : this.play());
    this.slider.addEventListener("input", () => this.step(Number(this.slider.value)));
    this.slider.addEventListener("change", () => this.settle());
    bar.hidden = true;
    L.DomEvent.disableClickPropagation(bar);
    L.DomEvent.disableScrollPropagation(bar);
    city.map.getContainer().parentNode.appendChild(bar);
  }

  // months: their names; now: where the page stands.
  set(months) {
    this.bar.hidden = !months;
    if (!months) { return; }
    if (!this.months || this.months.key !== months.key) { this.frames = null; }
    this.months = months;
    this.waiting = null;  // a page that turned meanwhile may have overtaken the question
    this.slider.max = months.names.length - 1;
    this.slider.value = months.now;
    this.moved = false;
    this.city.marks.canvas.style.visibility = "";
    this.say(months.now);
  }

  // frames: area id -> [month, class, month, class, ...], where it changes.
  take(frames) {
    this.frames = frames;
    if (this.waiting) { this.waiting(); }
    this.waiting = null;
  }

  needs(then) {
    if (this.frames) { then(); return; }
    const asked = this.waiting;
    this.waiting = then;
    if (!asked) { this.city.choose("frames", this.months.now); }
  }

  play() {
    this.needs(() => {
      const last = this.months.names.length - 1;
      if (Number(this.slider.value) >= last) { this.step(0); }
      this.named(true);
      this.playing = setInterval(() => {
        const at = Number(this.slider.value) + 1;
        this.step(at);
        if (at >= last) { this.stop(); }
      }, STEP_MS);
    });
  }

  stop() {
    clearInterval(this.playing);
    this.playing = null;
    this.named(false);
    this.settle();
  }

  step(at) {
    this.slider.value = at;
    this.say(at);
    this.needs(() => {
      this.moved = true;
      this.city.hide();
      this.city.marks.canvas.style.visibility = "hidden";
      const classes = {};
      Object.keys(this.frames).forEach((id) => {
        const runs = this.frames[id];
        let k = 0;
        while (k + 2 < runs.length && runs[k + 2] <= at) { k += 2; }
        classes[id] = runs[k + 1];
      });
      this.city.areas.paint(classes);
    });
  }

  // The page follows once the slider rests.
  settle() {
    if (!this.playing) { this.city.choose("month", Number(this.slider.value)); }
  }

  say(at) {
    const event = this.months.events[at];
    this.label.textContent = this.months.names[at] + (event ? " · " + event : "");
    this.slider.setAttribute("aria-valuetext", this.label.textContent);
  }

  named(playing) {
    this.button.className = playing ? "pause" : "play";
    this.button.setAttribute("aria-label", playing ? "Pause" : "Play the months");
    this.button.title = this.button.getAttribute("aria-label");
  }
};
