import Diagnostics
import Findings
import Images
import Layers
import OCI
import Request
import SourceTree

/// What was read of the user's files before a base is asked for.
struct PlanInputs {
    let names: [Reference]
    /// How the user's own layers are compressed.
    let compression: LayerCompression
    let configuration: ConfigurationPlan
    /// `nil` for images without a runtime layer.
    private(set) var runtime: RuntimePlan?
    /// The same before parts are left out that no program needs.
    private let wholeRuntime: RuntimePlan?
    /// What `--add` brings, sorted.
    let additions: [LayerEntry]
    /// `nil` if something is wrong with it.
    var application: Application?
    /// What each of the application's variants asks for, in their order.
    private(set) var needs: [ApplicationNeeds]
    /// What the images stand on: what the user names, or the catalogue has for the application; `nil` for `scratch`.
    var base: ImageLocation?
    /// What the previous image's history says of its layers, the lowest first.
    let previousSteps: [String]
    /// The bases that hints may name; `nil` if there is no access to any.
    var alternatives: AlternativeBases?
    /// What `--add-from` takes of other images.
    private(set) var imageAdditions = ImageAdditions()

    static func read(
        _ request: BuildRequest,
        on ground: ApplicationReader.Ground,
        walked: DirectoryTree? = nil,
        after previousSteps: [String] = []
    ) -> Checked<PlanInputs> {
        var remarks = Remarks()
        let names = remarks.take(RequestCheck.names(request))
        let compression = remarks.take(RequestCheck.compression(request))
        let runtime = RuntimePlan.read(request)
        let additions = AdditionReader.read(request)
        let application = ApplicationReader.read(request, on: ground, walked: walked)
        let base = request.base ?? application.value?.chosenBase
        // The application may choose the base, which has a say in the configuration; its problems are reported last.
        let configuration = ConfigurationPlan(request.configuration, isOnBase: base != nil, &remarks.problems)
        remarks.add(runtime.remarks)
        remarks.add(additions.remarks)
        remarks.add(application.remarks)
        let needs = remarks.take(ApplicationNeeds.read(application.value, additions.value))
        let inputs = PlanInputs(
            names: names,
            compression: compression,
            configuration: configuration,
            runtime: runtime.value?.narrowed(to: needs),
            wholeRuntime: runtime.value,
            additions: additions.value,
            application: application.value,
            needs: needs,
            base: base,
            previousSteps: previousSteps
        )
        return Checked(inputs, remarks)
    }

    /// The same with files of other images, whose programs have needs, too.
    func with(_ additions: ImageAdditions) -> Checked<PlanInputs> {
        var (remarks, inputs) = (Remarks(), self)
        inputs.imageAdditions = additions
        inputs.needs = zip(application?.variants ?? [], needs).map { variant, needs in
            remarks.take(needs.adding(additions.entries(for: variant.platform)))
        }
        inputs.runtime = wholeRuntime?.narrowed(to: inputs.needs)
        return Checked(inputs, remarks)
    }
}
