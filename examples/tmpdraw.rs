use leveret::{scene::*,broker::*,export};
fn main(){ let a:Vec<String>=std::env::args().collect();
 let s=leveret::scenario::open(&a[1]).unwrap_or_else(|e|panic!("{e}"));
 let mut show=Show::new(&s.setup).unwrap();
 let t=Micros::from_secs_f64(a[2].parse().unwrap());
 show.run_to(t); let m=show.director().moment(t);
 let p=show.picture(m,View::default());
 println!("{:?}", p.scene.bounds);
 let theme=if a.len()>4 {Theme::Dark} else {Theme::Light};
 let svg=export::svg::svg(&p.scene, theme, "x");
 std::fs::write(format!("{}.svg",a[3]),&svg).unwrap();
 let png=export::png::png(&p.scene, theme, 1.0).unwrap(); std::fs::write(&a[3],png).unwrap();
}
