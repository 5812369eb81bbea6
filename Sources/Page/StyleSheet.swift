/// How a page looks: by light and by dark, from 320 pixels on, and on paper.
enum StyleSheet {
    static let text: StaticString = """

        :root {
          color-scheme: light dark;
          --page: #fcfcfb; --ink: #1b1f24; --quiet: #57606a; --rule: #d9dcdf; --head: #f1f2f1; --link: #0b57a4;
          --bad: #a40e26; --warn: #7a4b00; --good: #1a6334; --hatch: #7a1f2b; --edge: #6a737d;
          --s0: #cfdff3; --s1: #d3e8d0; --s2: #f4e2bf; --s3: #e3d7f0; --s4: #f3d6d2; --s5: #cbe7e6; --s6: #e6e2c5; --s7: #dcdee1;
          --w: #f3e3e3; --f: #ecedec; --a: #cfe8d3; --r: #f4d5d5; --c: #f4e5bf;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --page: #14171a; --ink: #e8eaed; --quiet: #a5adb6; --rule: #353b42; --head: #1e2327; --link: #8cc2ff;
            --bad: #ff9a9a; --warn: #f0c36d; --good: #8fd6a3; --hatch: #ffb3b3; --edge: #9aa2ab;
            --s0: #284767; --s1: #2b4f33; --s2: #5c481c; --s3: #493763; --s4: #62363a; --s5: #1f5052; --s6: #4d4a26; --s7: #41474e;
            --w: #43272b; --f: #2a2f34; --a: #234d30; --r: #5e2c32; --c: #5b491b;
          }
        }
        * { box-sizing: border-box; }
        html { font: 100%/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif; -webkit-text-size-adjust: 100%; }
        @media (min-width: 120rem) { html { font-size: 125%; } }
        @media (min-width: 200rem) { html { font-size: 150%; } }
        body { margin: 0; background: var(--page); color: var(--ink); }
        main { max-width: 78rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
        @media (min-width: 48rem) { main { padding: 3.5rem 2.5rem 6rem; } }
        h1, h2, h3 { line-height: 1.2; font-weight: 650; overflow-wrap: anywhere; margin: 0; }
        h1 { font-size: clamp(1.5rem, 1.1rem + 2vw, 2.5rem); letter-spacing: -0.015em; }
        h2 { font-size: 1.375rem; letter-spacing: -0.01em; margin: 0 0 .75rem; }
        h3 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
        section.part { margin-top: 3rem; padding-top: 1.75rem; border-top: 1px solid var(--rule); }
        p { margin: 0 0 .75rem; max-width: 44rem; }
        a { color: var(--link); text-underline-offset: .15em; }
        a:focus-visible, summary:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 2px; }
        .skip { position: absolute; left: -100vw; top: 0; background: var(--page); padding: .5rem 1rem; }
        .skip:focus { left: 0; }
        .quiet, caption, .over { color: var(--quiet); }
        .over { margin: 0 0 .25rem; font-size: .875rem; }
        code, .path, .digest { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .875em; }
        p, li, th, td, dd, code, .path, .digest { overflow-wrap: anywhere; }
        code { background: var(--head); padding: .05em .25em; border-radius: 3px; }
        bdi { unicode-bidi: isolate; }
        td.wide .digest { white-space: nowrap; }
        .patterns { position: absolute; }
        dl.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(7.5rem, 1fr)); gap: 1.25rem 1.5rem; margin: 2rem 0 1rem; }
        dl.figures div { border-top: 2px solid var(--ink); padding-top: .5rem; }
        dl.figures dt { font-size: .8125rem; color: var(--quiet); }
        dl.figures dd { margin: 0; font-size: 1.375rem; font-weight: 600; letter-spacing: -0.01em; font-variant-numeric: tabular-nums; }
        nav.contents ul, ul.zoom { list-style: none; padding: 0; margin: 1.75rem 0 0; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; }
        ul.zoom { margin: .75rem 0 1.75rem; font-size: .875rem; }
        .scheme { width: 100%; border-collapse: collapse; font-size: .875rem; margin: 0 0 1rem; }
        caption { text-align: left; padding: 0 0 .5rem; font-size: .875rem; }
        th, td { text-align: left; vertical-align: top; padding: .375rem .5rem .375rem 0; border-bottom: 1px solid var(--rule); font-weight: 400; }
        thead th { font-size: .8125rem; color: var(--quiet); border-bottom: 1px solid var(--ink); vertical-align: bottom; }
        tbody th { overflow-wrap: anywhere; }
        th.n, td.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; padding-left: .5rem; }
        th.short, td.short { white-space: nowrap; }
        tr.group th, tr.group td { font-weight: 600; background: var(--head); border-top: 1px solid var(--rule); }
        tr.folded th, tr.folded td { color: var(--quiet); }
        td.bar { width: 22%; padding: .375rem 0; }
        thead td { border-bottom: 1px solid var(--ink); } td.wide, th.wide { padding-left: .75rem; }
        td.bar svg, .strip { display: block; width: 100%; }
        td.bar svg { height: .75rem; margin-top: .3rem; }
        td.bar rect { fill: var(--quiet); stroke: none; }
        .i1 { padding-left: 1rem; } .i2 { padding-left: 2rem; } .i3 { padding-left: 3rem; } .i4 { padding-left: 4rem; } .i5 { padding-left: 5rem; }
        @media (max-width: 40rem) {
          .wide, td.bar { display: none; }
          .scheme { font-size: .8125rem; } th.n, td.n { padding-left: .25rem; }
          .i1 { padding-left: .5rem; } .i2 { padding-left: 1rem; } .i3 { padding-left: 1.5rem; } .i4 { padding-left: 2rem; } .i5 { padding-left: 2.5rem; }
        }
        .finding { border-left: 4px solid var(--rule); padding: .125rem 0 .125rem 1rem; margin: 0 0 1.25rem; }
        .finding.error { border-color: var(--bad); } .finding.warning { border-color: var(--warn); }
        .finding h3 { margin: 0 0 .25rem; } .finding p { margin: 0 0 .25rem; }
        .word { font-weight: 650; } .error .word { color: var(--bad); } .warning .word { color: var(--warn); } .note .word { color: var(--quiet); }
        dl.pairs { display: grid; grid-template-columns: minmax(0, 10rem) minmax(0, 1fr); gap: .375rem 1rem; margin: 0; font-size: .875rem; }
        dl.pairs dt { color: var(--quiet); overflow-wrap: anywhere; } dl.pairs dd { margin: 0; }
        @media (max-width: 40rem) { dl.pairs { grid-template-columns: minmax(0, 1fr); gap: 0; } dl.pairs dd { margin-bottom: .625rem; } }
        summary { cursor: pointer; color: var(--link); padding: .25rem 0; }
        .view { display: none; scroll-margin-top: 1rem; }
        .view:target, .view.whole { display: block; }
        .view:target ~ .view.whole { display: none; }
        .view h3 { margin-top: 0; }
        svg.map { display: block; height: 26rem; border-radius: 3px; overflow: hidden; }
        .strip { height: 2.5rem; border-radius: 3px; overflow: hidden; margin: 0 0 1.25rem; }
        svg text { font-size: 12px; fill: var(--ink); pointer-events: none; }
        svg.map text, .strip text { display: none; }
        svg .k0 { display: inline !important; }
        @media (min-width: 37.5rem) { svg.map { height: 28rem; } svg .k1 { display: inline !important; } }
        @media (min-width: 61rem) { svg.map { height: 32rem; } svg .k2 { display: inline !important; } }
        @media (min-width: 80rem) { svg.map { height: 36rem; } svg .k3 { display: inline !important; } }
        svg rect { stroke: var(--edge); stroke-width: 1px; }
        svg .o > rect { fill-opacity: .5; } svg .o > text { font-weight: 600; }
        svg .w > text, svg .a > text, svg .r > text, svg .c > text { paint-order: stroke; stroke-width: 3px; stroke-linejoin: round; }
        svg .w > text { stroke: var(--w); } svg .a > text { stroke: var(--a); } svg .r > text { stroke: var(--r); } svg .c > text { stroke: var(--c); }
        .s0 > rect { fill: var(--s0); } .s1 > rect { fill: var(--s1); } .s2 > rect { fill: var(--s2); } .s3 > rect { fill: var(--s3); }
        .s4 > rect { fill: var(--s4); } .s5 > rect { fill: var(--s5); } .s6 > rect { fill: var(--s6); } .s7 > rect { fill: var(--s7); }
        .w > rect { fill: var(--w); } .f > rect { fill: var(--f); } .a > rect { fill: var(--a); } .r > rect { fill: var(--r); } .c > rect { fill: var(--c); }
        .w > rect.h { fill: url(#hatch); } .r > rect.h { fill: url(#hatch); } .a > rect.h { fill: url(#dots); } .c > rect.h { fill: url(#lines); }
        pattern path { stroke: var(--hatch); stroke-width: 1; stroke-opacity: .7; fill: none; }
        .swatch { display: inline-block; width: .75rem; height: .75rem; vertical-align: -.0625rem; margin-right: .375rem; }
        svg a:hover > svg > rect { stroke: var(--link); stroke-width: 2px; }
        @media print {
          :root { --page: #fff; --ink: #000; --quiet: #444; --edge: #666; }
          main { max-width: none; padding: 0; } nav, .skip, ul.zoom { display: none; }
          .view { display: none !important; } .view.whole { display: block !important; }
          section.part, .finding, tr { break-inside: avoid-page; } section.part { margin-top: 1.5rem; }
          * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
        }

        """
}
