import { REGISTERED_VRS } from './registered-vrs.ts';
import { SEQUENCE_TAGS } from './sequence-tags.ts';

/**
 * Part of the registry of data elements (PS3.6 §6): tag, value representation, keyword.
 *
 * Needed where a data set does not say its VR (Implicit VR Little Endian, UN) and where we write by keyword; the VRs of
 * the others are in `registered-vrs.ts`. `XS` stands for "US or SS", which Pixel Representation decides (PS3.5 §A.1).
 */
const REGISTRY = `
00020001 OB FileMetaInformationVersion  00020002 UI MediaStorageSOPClassUID  00020003 UI MediaStorageSOPInstanceUID
00020010 UI TransferSyntaxUID  00020012 UI ImplementationClassUID  00020013 SH ImplementationVersionName
00020016 AE SourceApplicationEntityTitle  00041200 UL OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity
00041202 UL OffsetOfTheLastDirectoryRecordOfTheRootDirectoryEntity  00041212 US FileSetConsistencyFlag
00041220 SQ DirectoryRecordSequence  00041400 UL OffsetOfTheNextDirectoryRecord  00041410 US RecordInUseFlag
00041420 UL OffsetOfReferencedLowerLevelDirectoryEntity  00041430 CS DirectoryRecordType  00041500 CS ReferencedFileID
00041510 UI ReferencedSOPClassUIDInFile  00041511 UI ReferencedSOPInstanceUIDInFile
00041512 UI ReferencedTransferSyntaxUIDInFile  00080005 CS SpecificCharacterSet  00080008 CS ImageType
00080012 DA InstanceCreationDate  00080013 TM InstanceCreationTime  00080014 UI InstanceCreatorUID
00080016 UI SOPClassUID  00080018 UI SOPInstanceUID  00080020 DA StudyDate  00080021 DA SeriesDate
00080022 DA AcquisitionDate  00080023 DA ContentDate  0008002a DT AcquisitionDateTime  00080030 TM StudyTime
00080031 TM SeriesTime  00080032 TM AcquisitionTime  00080033 TM ContentTime  00080050 SH AccessionNumber
00080051 SQ IssuerOfAccessionNumberSequence  00080052 CS QueryRetrieveLevel  00080054 AE RetrieveAETitle
00080056 CS InstanceAvailability  00080058 UI FailedSOPInstanceUIDList  00080060 CS Modality  00080061 CS ModalitiesInStudy  00080062 UI SOPClassesInStudy
00080063 SQ AnatomicRegionsInStudyCodeSequence  00080064 CS ConversionType  00080068 CS PresentationIntentType
00080070 LO Manufacturer  00080080 LO InstitutionName  00080081 ST InstitutionAddress
00080082 SQ InstitutionCodeSequence  00080090 PN ReferringPhysicianName
00080096 SQ ReferringPhysicianIdentificationSequence  0008009c PN ConsultingPhysicianName  00080100 SH CodeValue
00080102 SH CodingSchemeDesignator  00080103 SH CodingSchemeVersion  00080104 LO CodeMeaning
00080105 CS MappingResource  00080106 DT ContextGroupVersion  00080107 DT ContextGroupLocalVersion
0008010b CS ContextGroupExtensionFlag  0008010c UI CodingSchemeUID  0008010d UI ContextGroupExtensionCreatorUID
0008010f CS ContextIdentifier  00080110 SQ CodingSchemeIdentificationSequence  00080112 LO CodingSchemeRegistry
00080114 ST CodingSchemeExternalID  00080115 ST CodingSchemeName  00080116 ST CodingSchemeResponsibleOrganization
00080117 UI ContextUID  00080118 UI MappingResourceUID  00080119 UC LongCodeValue  00080120 UR URNCodeValue
00080121 SQ EquivalentCodeSequence  00080122 LO MappingResourceName  00080201 SH TimezoneOffsetFromUTC
00081010 SH StationName  00081030 LO StudyDescription  00081032 SQ ProcedureCodeSequence
0008103e LO SeriesDescription  0008103f SQ SeriesDescriptionCodeSequence  00081040 LO InstitutionalDepartmentName
00081041 SQ InstitutionalDepartmentTypeCodeSequence  00081048 PN PhysiciansOfRecord
00081049 SQ PhysiciansOfRecordIdentificationSequence  00081050 PN PerformingPhysicianName
00081052 SQ PerformingPhysicianIdentificationSequence  00081060 PN NameOfPhysiciansReadingStudy
00081070 PN OperatorsName  00081072 SQ OperatorIdentificationSequence  00081080 LO AdmittingDiagnosesDescription
00081084 SQ AdmittingDiagnosesCodeSequence  00081090 LO ManufacturerModelName  00081110 SQ ReferencedStudySequence
00081111 SQ ReferencedPerformedProcedureStepSequence  00081115 SQ ReferencedSeriesSequence
00081140 SQ ReferencedImageSequence  0008114a SQ ReferencedInstanceSequence  00081150 UI ReferencedSOPClassUID
00081155 UI ReferencedSOPInstanceUID  0008115a UI SOPClassesSupported  00081160 IS ReferencedFrameNumber
00081161 UL SimpleFrameList  00081190 UR RetrieveURL  00081195 UI TransactionUID  00081197 US FailureReason
00081198 SQ FailedSOPSequence  00081199 SQ ReferencedSOPSequence  00082111 ST DerivationDescription
00082112 SQ SourceImageSequence  00082122 IS StageNumber  00082124 IS NumberOfStages  00082128 IS ViewNumber
0008212a IS NumberOfViewsInStage  00082218 SQ AnatomicRegionSequence  00082220 SQ AnatomicRegionModifierSequence
00082228 SQ PrimaryAnatomicStructureSequence  00083002 UI AvailableTransferSyntaxUID  00083010 UI IrradiationEventUID
00089007 CS FrameType  00089092 SQ ReferencedImageEvidenceSequence  00089121 SQ ReferencedRawDataSequence
00089124 SQ DerivationImageSequence  00089154 SQ SourceImageEvidenceSequence  00089205 CS PixelPresentation
00089206 CS VolumetricProperties  00089207 CS VolumeBasedCalculationTechnique  00089215 SQ DerivationCodeSequence
00089237 SQ ReferencedPresentationStateSequence  00100010 PN PatientName  00100020 LO PatientID
00100021 LO IssuerOfPatientID  00100022 CS TypeOfPatientID  00100024 SQ IssuerOfPatientIDQualifiersSequence
00100030 DA PatientBirthDate  00100040 CS PatientSex  00100200 CS QualityControlSubject  00101000 LO OtherPatientIDs
00101001 PN OtherPatientNames  00101002 SQ OtherPatientIDsSequence  00101005 PN PatientBirthName
00101010 AS PatientAge  00101020 DS PatientSize  00101030 DS PatientWeight  00101040 LO PatientAddress
00101060 PN PatientMotherBirthName  00101080 LO MilitaryRank  00101081 LO BranchOfService  00102000 LO MedicalAlerts
00102150 LO CountryOfResidence  00102152 LO RegionOfResidence  00102154 SH PatientTelephoneNumbers
00102160 SH EthnicGroup  00102180 SH Occupation  001021a0 CS SmokingStatus  001021b0 LT AdditionalPatientHistory
001021c0 US PregnancyStatus  001021f0 LO PatientReligiousPreference  00102201 LO PatientSpeciesDescription
00102203 CS PatientSexNeutered  00102292 LO PatientBreedDescription  00102297 PN ResponsiblePerson
00102298 CS ResponsiblePersonRole  00102299 LO ResponsibleOrganization  00104000 LT PatientComments
00109431 FL ExaminedBodyThickness  00120010 LO ClinicalTrialSponsorName  00120020 LO ClinicalTrialProtocolID
00120021 LO ClinicalTrialProtocolName  00120030 LO ClinicalTrialSiteID  00120031 LO ClinicalTrialSiteName
00120040 LO ClinicalTrialSubjectID  00120050 LO ClinicalTrialTimePointID
00120060 LO ClinicalTrialCoordinatingCenterName  00120062 CS PatientIdentityRemoved
00120063 LO DeidentificationMethod  00120064 SQ DeidentificationMethodCodeSequence  00180010 LO ContrastBolusAgent
00180012 SQ ContrastBolusAgentSequence  00180014 SQ ContrastBolusAdministrationRouteSequence
00180015 CS BodyPartExamined  00180020 CS ScanningSequence  00180021 CS SequenceVariant  00180022 CS ScanOptions
00180023 CS MRAcquisitionType  00180024 SH SequenceName  00180025 CS AngioFlag  00180031 LO Radiopharmaceutical
00180050 DS SliceThickness  00180060 DS KVP  00180070 IS CountsAccumulated
00180071 CS AcquisitionTerminationCondition  00180080 DS RepetitionTime  00180081 DS EchoTime
00180082 DS InversionTime  00180083 DS NumberOfAverages  00180084 DS ImagingFrequency  00180085 SH ImagedNucleus
00180086 IS EchoNumbers  00180087 DS MagneticFieldStrength  00180088 DS SpacingBetweenSlices
00180089 IS NumberOfPhaseEncodingSteps  00180090 DS DataCollectionDiameter  00180091 IS EchoTrainLength
00180093 DS PercentSampling  00180094 DS PercentPhaseFieldOfView  00180095 DS PixelBandwidth
00181000 LO DeviceSerialNumber  00181002 UI DeviceUID  00181004 LO PlateID  00181009 UT UniqueDeviceIdentifier
0018100a SQ UDISequence  0018100b UI ManufacturerDeviceClassUID  00181010 LO SecondaryCaptureDeviceID
00181012 DA DateOfSecondaryCapture  00181014 TM TimeOfSecondaryCapture  00181016 LO SecondaryCaptureDeviceManufacturer
00181018 LO SecondaryCaptureDeviceManufacturerModelName  00181019 LO SecondaryCaptureDeviceSoftwareVersions
00181020 LO SoftwareVersions  00181030 LO ProtocolName  00181022 SH VideoImageFormatAcquired  00181060 DS TriggerTime  00181072 TM RadiopharmaceuticalStartTime
00181075 DS RadionuclideHalfLife  00181076 DS RadionuclidePositronFraction  00181100 DS ReconstructionDiameter
00181110 DS DistanceSourceToDetector  00181111 DS DistanceSourceToPatient
00181114 DS EstimatedRadiographicMagnificationFactor  00181120 DS GantryDetectorTilt  00181121 DS GantryDetectorSlew
00181130 DS TableHeight  00181140 CS RotationDirection  00181150 IS ExposureTime  00181151 IS XRayTubeCurrent
00181152 IS Exposure  00181153 IS ExposureInuAs  00181160 SH FilterType  00181164 DS ImagerPixelSpacing
00181170 IS GeneratorPower  00181190 DS FocalSpots  00181200 DA DateOfLastCalibration  00181201 TM TimeOfLastCalibration
00181210 SH ConvolutionKernel  00181242 IS ActualFrameDuration  00181243 IS CountRate  00181250 SH ReceiveCoilName
00181251 SH TransmitCoilName  00181260 SH PlateType  00181271 FD WaterEquivalentDiameter  00181300 DS ScanVelocity
00181301 CS WholeBodyTechnique  00181302 IS ScanLength  00181310 US AcquisitionMatrix
00181312 CS InPlanePhaseEncodingDirection  00181314 DS FlipAngle  00181315 CS VariableFlipAngleFlag  00181316 DS SAR
00181318 DS dBdt  00181401 LO AcquisitionDeviceProcessingCode  00181622 US ShutterPresentationValue
00181700 CS CollimatorShape  00181702 IS CollimatorLeftVerticalEdge  00181704 IS CollimatorRightVerticalEdge
00181706 IS CollimatorUpperHorizontalEdge  00181708 IS CollimatorLowerHorizontalEdge
00182010 DS NominalScannedPixelSpacing  00185010 LO TransducerData  00185020 LO ProcessingFunction
00185100 CS PatientPosition  00185101 CS ViewPosition  00189004 CS ContentQualification
00189073 FD AcquisitionDuration  00189074 DT FrameAcquisitionDateTime  00189082 FD EffectiveEchoTime
00189087 FD DiffusionBValue  00189112 SQ MRTimingAndRelatedParametersSequence  00189114 SQ MREchoSequence  00189117 SQ MRDiffusionSequence
00189115 SQ MRModifierSequence  00189118 SQ CardiacSynchronizationSequence  00189125 SQ MRFOVGeometrySequence
00189151 DT FrameReferenceDateTime  00189218 FD TagSpacingSecondDimension  00189219 SS TagAngleSecondAxis
00189220 FD FrameAcquisitionDuration  00189226 SQ MRImageFrameTypeSequence  00189305 FD RevolutionTime
00189310 FD TableFeedPerRotation  00189311 FD SpiralPitchFactor  00189312 SQ CTGeometrySequence
00189313 FD DataCollectionCenterPatient  00189314 SQ CTReconstructionSequence  00189315 CS ReconstructionAlgorithm
00189316 CS ConvolutionKernelGroup  00189317 FD ReconstructionFieldOfView
00189318 FD ReconstructionTargetCenterPatient  00189319 FD ReconstructionAngle  00189320 SH ImageFilter
00189321 SQ CTExposureSequence  00189322 FD ReconstructionPixelSpacing  00189323 CS ExposureModulationType
00189324 FD EstimatedDoseSaving  00189325 SQ CTXRayDetailsSequence  00189326 SQ CTPositionSequence
00189327 FD TablePosition  00189329 SQ CTImageFrameTypeSequence  00189333 CS ConstantVolumeFlag
00189334 CS FluoroscopyFlag  00189335 FD DistanceSourceToDataCollectionCenter  00189337 US ContrastBolusAgentNumber
00189338 SQ ContrastBolusIngredientCodeSequence  00189341 SQ ContrastBolusUsageSequence
00189342 CS ContrastBolusAgentAdministered  00189343 CS ContrastBolusAgentDetected
00189344 CS ContrastBolusAgentPhase  00189345 FD CTDIvol  00189346 SQ CTDIPhantomTypeCodeSequence
00189351 FL CalciumScoringMassFactorPatient  00189352 FL CalciumScoringMassFactorDevice
00189353 FL EnergyWeightingFactor  00189360 SQ CTAdditionalXRaySourceSequence  00189361 CS MultienergyCTAcquisition
00189477 SQ IrradiationEventIdentificationSequence  00189751 SQ PETFrameTypeSequence  0018a001 SQ ContributingEquipmentSequence
0018a002 DT ContributionDateTime  0018a003 ST ContributionDescription  0020000d UI StudyInstanceUID
0020000e UI SeriesInstanceUID  00200010 SH StudyID  00200011 IS SeriesNumber  00200012 IS AcquisitionNumber
00200013 IS InstanceNumber  00200020 CS PatientOrientation  00200032 DS ImagePositionPatient
00200037 DS ImageOrientationPatient  00200052 UI FrameOfReferenceUID  00200060 CS Laterality
00200062 CS ImageLaterality  00200100 IS TemporalPositionIdentifier  00200105 IS NumberOfTemporalPositions
00200110 DS TemporalResolution  00200242 UI SOPInstanceUIDOfConcatenationSource  00201002 IS ImagesInAcquisition
00201040 LO PositionReferenceIndicator  00201041 DS SliceLocation  00201200 IS NumberOfPatientRelatedStudies
00201202 IS NumberOfPatientRelatedSeries  00201204 IS NumberOfPatientRelatedInstances
00201206 IS NumberOfStudyRelatedSeries  00201208 IS NumberOfStudyRelatedInstances
00201209 IS NumberOfSeriesRelatedInstances  00204000 LT ImageComments  00209056 SH StackID
00209057 UL InStackPositionNumber  00209071 SQ FrameAnatomySequence  00209072 CS FrameLaterality
00209111 SQ FrameContentSequence  00209113 SQ PlanePositionSequence  00209116 SQ PlaneOrientationSequence
00209128 UL TemporalPositionIndex  00209153 FD NominalCardiacTriggerDelayTime  00209156 US FrameAcquisitionNumber  00209157 UL DimensionIndexValues
00209158 LT FrameComments  00209161 UI ConcatenationUID  00209162 US InConcatenationNumber
00209163 US InConcatenationTotalNumber  00209164 UI DimensionOrganizationUID  00209165 AT DimensionIndexPointer
00209167 AT FunctionalGroupPointer  00209170 SQ UnassignedSharedConvertedAttributesSequence
00209171 SQ UnassignedPerFrameConvertedAttributesSequence  00209172 SQ ConversionSourceAttributesSequence
00209213 LO DimensionIndexPrivateCreator  00209221 SQ DimensionOrganizationSequence
00209222 SQ DimensionIndexSequence  00209228 UL ConcatenationFrameOffsetNumber  00209241 FL NominalPercentageOfCardiacPhase
00209238 LO FunctionalGroupPrivateCreator  00209253 SQ RespiratorySynchronizationSequence
00209301 FD ImagePositionVolume  00209302 FD ImageOrientationVolume  00209309 FD VolumeToTransducerMappingMatrix
0020930d FD TemporalPositionTimeOffset  0020930e SQ PlanePositionVolumeSequence
0020930f SQ PlaneOrientationVolumeSequence  00209311 CS DimensionOrganizationType
00209421 LO DimensionDescriptionLabel  00209450 SQ PatientOrientationInFrameSequence  00209453 LO FrameLabel
00240202 LO AlgorithmSource  00280002 US SamplesPerPixel  00280004 CS PhotometricInterpretation
00280006 US PlanarConfiguration  00280008 IS NumberOfFrames  00280009 AT FrameIncrementPointer  00280010 US Rows
00280011 US Columns  00280014 US UltrasoundColorDataPresent  00280030 DS PixelSpacing  00280031 DS ZoomFactor
00280032 DS ZoomCenter  00280034 IS PixelAspectRatio  00280051 CS CorrectedImage  00280100 US BitsAllocated
00280101 US BitsStored  00280102 US HighBit  00280103 US PixelRepresentation  00280106 XS SmallestImagePixelValue
00280107 XS LargestImagePixelValue  00280108 XS SmallestPixelValueInSeries  00280109 XS LargestPixelValueInSeries
00280120 XS PixelPaddingValue  00280121 XS PixelPaddingRangeLimit  00280122 FL FloatPixelPaddingValue
00280123 FD DoubleFloatPixelPaddingValue  00280124 FL FloatPixelPaddingRangeLimit
00280125 FD DoubleFloatPixelPaddingRangeLimit  00280300 CS QualityControlImage
00280301 CS BurnedInAnnotation  00280303 CS LongitudinalTemporalInformationModified
00280a02 CS PixelSpacingCalibrationType  00280a04 LO PixelSpacingCalibrationDescription
00281040 CS PixelIntensityRelationship  00281041 SS PixelIntensityRelationshipSign  00281050 DS WindowCenter
00281051 DS WindowWidth  00281052 DS RescaleIntercept  00281053 DS RescaleSlope  00281054 LO RescaleType
00281055 LO WindowCenterWidthExplanation  00281056 CS VOILUTFunction  00281090 CS RecommendedViewingMode
00281101 XS RedPaletteColorLookupTableDescriptor  00281102 XS GreenPaletteColorLookupTableDescriptor
00281103 XS BluePaletteColorLookupTableDescriptor  00281199 UI PaletteColorLookupTableUID
00281201 OW RedPaletteColorLookupTableData  00281202 OW GreenPaletteColorLookupTableData
00281203 OW BluePaletteColorLookupTableData  00281221 OW SegmentedRedPaletteColorLookupTableData
00281222 OW SegmentedGreenPaletteColorLookupTableData  00281223 OW SegmentedBluePaletteColorLookupTableData
0028135a CS SpatialLocationsPreserved  00282000 OB ICCProfile  00282110 CS LossyImageCompression
00282112 DS LossyImageCompressionRatio  00282114 CS LossyImageCompressionMethod  00283000 SQ ModalityLUTSequence
00283002 XS LUTDescriptor  00283003 LO LUTExplanation  00283006 OW LUTData  00283004 LO ModalityLUTType
00283010 SQ VOILUTSequence  00286010 US RepresentativeFrameNumber  00287fe0 UR PixelDataProviderURL
00289110 SQ PixelMeasuresSequence  00289132 SQ FrameVOILUTSequence  00289145 SQ PixelValueTransformationSequence
00289474 CS LUTFunction  00321032 PN RequestingPhysician  00321033 LO RequestingService
00321060 LO RequestedProcedureDescription  00321064 SQ RequestedProcedureCodeSequence  00321066 UT ReasonForVisit
00380010 LO AdmissionID  00380014 SQ IssuerOfAdmissionIDSequence  00380020 DA AdmittingDate  00380050 LO SpecialNeeds
00380060 LO ServiceEpisodeID  00380062 LO ServiceEpisodeDescription  00380064 SQ IssuerOfServiceEpisodeIDSequence
00380300 LO CurrentPatientLocation  00380400 LO PatientInstitutionResidence  00380500 LO PatientState
00384000 LT VisitComments  003a0005 US NumberOfWaveformChannels  00400002 DA ScheduledProcedureStepStartDate
00400004 DA ScheduledProcedureStepEndDate  00400007 LO ScheduledProcedureStepDescription
00400009 SH ScheduledProcedureStepID  00400031 UT LocalNamespaceEntityID  00400032 UT UniversalEntityID
00400033 CS UniversalEntityIDType  00400241 AE PerformedStationAETitle  00400244 DA PerformedProcedureStepStartDate
00400245 TM PerformedProcedureStepStartTime  00400252 CS PerformedProcedureStepStatus
00400253 SH PerformedProcedureStepID  00400254 LO PerformedProcedureStepDescription  00400301 US TotalNumberOfExposures
00400260 SQ PerformedProtocolCodeSequence  00400270 SQ ScheduledStepAttributesSequence
00400275 SQ RequestAttributesSequence  00400321 SQ FilmConsumptionSequence  00400340 SQ PerformedSeriesSequence
00400513 SQ IssuerOfTheContainerIdentifierSequence  00400518 SQ ContainerTypeCodeSequence
00400551 LO SpecimenIdentifier  00400554 UI SpecimenUID  00400555 SQ AcquisitionContextSequence
00400560 SQ SpecimenDescriptionSequence  00400562 SQ IssuerOfTheSpecimenIdentifierSequence
00400512 LO ContainerIdentifier  0040059a SQ SpecimenTypeCodeSequence  00400610 SQ SpecimenPreparationSequence
00400612 SQ SpecimenPreparationStepContentItemSequence  00400710 SQ WholeSlideMicroscopyImageFrameTypeSequence
0040072a DS XOffsetInSlideCoordinateSystem  0040073a DS YOffsetInSlideCoordinateSystem
0040074a DS ZOffsetInSlideCoordinateSystem  004008ea SQ MeasurementUnitsCodeSequence  00401001 SH RequestedProcedureID
00401002 LO ReasonForTheRequestedProcedure  00401003 SH RequestedProcedurePriority
00401004 LO PatientTransportArrangements  00401008 LO ConfidentialityCode
0040100a SQ ReasonForRequestedProcedureCodeSequence  00401010 PN NamesOfIntendedRecipientsOfResults
00401012 SQ ReasonForPerformedProcedureCodeSequence  00401101 SQ PersonIdentificationCodeSequence
00401400 LT RequestedProcedureComments  00402004 DA IssueDateOfImagingServiceRequest
00402016 LO PlacerOrderNumberImagingServiceRequest  00402017 LO FillerOrderNumberImagingServiceRequest
00402400 LT ImagingServiceRequestComments  00409092 SQ ParametricMapFrameTypeSequence
00409096 SQ RealWorldValueMappingSequence  00409210 SH LUTLabel  00409211 XS RealWorldValueLastValueMapped
00409212 FD RealWorldValueLUTData  00409213 FD DoubleFloatRealWorldValueLastValueMapped
00409214 FD DoubleFloatRealWorldValueFirstValueMapped  00409216 XS RealWorldValueFirstValueMapped
00409220 SQ QuantityDefinitionSequence  00409224 FD RealWorldValueIntercept  00409225 FD RealWorldValueSlope
0040a010 CS RelationshipType  0040a027 LO VerifyingOrganization  0040a030 DT VerificationDateTime
0040a032 DT ObservationDateTime  0040a040 CS ValueType  0040a043 SQ ConceptNameCodeSequence
0040a050 CS ContinuityOfContent  0040a073 SQ VerifyingObserverSequence  0040a075 PN VerifyingObserverName
0040a078 SQ AuthorObserverSequence  0040a07a SQ ParticipantSequence  0040a07c SQ CustodialOrganizationSequence
0040a080 CS ParticipationType  0040a082 DT ParticipationDateTime  0040a084 CS ObserverType
0040a088 SQ VerifyingObserverIdentificationCodeSequence  0040a0b0 US ReferencedWaveformChannels  0040a120 DT DateTime
0040a121 DA Date  0040a122 TM Time  0040a123 PN PersonName  0040a124 UI UID  0040a130 CS TemporalRangeType
0040a132 UL ReferencedSamplePositions  0040a138 DS ReferencedTimeOffsets  0040a13a DT ReferencedDateTime
0040a160 UT TextValue  0040a161 FD FloatingPointValue  0040a162 SL RationalNumeratorValue
0040a163 UL RationalDenominatorValue  0040a168 SQ ConceptCodeSequence  0040a170 SQ PurposeOfReferenceCodeSequence
0040a171 UI ObservationUID  0040a180 US AnnotationGroupNumber  0040a300 SQ MeasuredValueSequence
0040a301 SQ NumericValueQualifierCodeSequence  0040a30a DS NumericValue  0040a360 SQ PredecessorDocumentsSequence
0040a370 SQ ReferencedRequestSequence  0040a372 SQ PerformedProcedureCodeSequence
0040a375 SQ CurrentRequestedProcedureEvidenceSequence  0040a385 SQ PertinentOtherEvidenceSequence
0040a390 SQ HL7StructuredDocumentReferenceSequence  0040a491 CS CompletionFlag  0040a492 LO CompletionFlagDescription
0040a493 CS VerificationFlag  0040a496 CS PreliminaryFlag  0040a504 SQ ContentTemplateSequence
0040a525 SQ IdenticalDocumentsSequence  0040a730 SQ ContentSequence  0040b020 SQ WaveformAnnotationSequence
0040db00 CS TemplateIdentifier  0040db73 UL ReferencedContentItemIdentifier  0040e010 UR RetrieveURI
0040e011 UI RetrieveLocationUID  00420010 ST DocumentTitle  00420011 OB EncapsulatedDocument
00420012 LO MIMETypeOfEncapsulatedDocument  00420013 SQ SourceInstanceSequence  00420015 UL EncapsulatedDocumentLength
00500020 LO DeviceDescription  00500021 ST LongDeviceDescription  00540010 US EnergyWindowVector
00540011 US NumberOfEnergyWindows  00540016 SQ RadiopharmaceuticalInformationSequence  00540020 US DetectorVector
00540021 US NumberOfDetectors  00540022 SQ DetectorInformationSequence  00540030 US PhaseVector  00540050 US RotationVector
00540060 US RRIntervalVector  00540070 US TimeSlotVector  00540080 US SliceVector
00540081 US NumberOfSlices  00540090 US AngularViewVector  00540100 US TimeSliceVector  00540300 SQ RadionuclideCodeSequence
00540304 SQ RadiopharmaceuticalCodeSequence  00540400 SH ImageID  00540410 SQ PatientOrientationCodeSequence
00540412 SQ PatientOrientationModifierCodeSequence  00540414 SQ PatientGantryRelationshipCodeSequence
00540500 CS SliceProgressionDirection  00541000 CS SeriesType  00541001 CS Units  00541100 CS RandomsCorrectionMethod
00541101 LO AttenuationCorrectionMethod  00541102 CS DecayCorrection  00541103 LO ReconstructionMethod
00541105 LO ScatterCorrectionMethod  00541300 DS FrameReferenceTime  00541321 DS DecayFactor
00541322 DS DoseCalibrationFactor  00541330 US ImageIndex  00620001 CS SegmentationType  00620002 SQ SegmentSequence
00620003 SQ SegmentedPropertyCategoryCodeSequence  00620004 US SegmentNumber  00620005 LO SegmentLabel
00620006 ST SegmentDescription  00620007 SQ SegmentationAlgorithmIdentificationSequence
00620008 CS SegmentAlgorithmType  00620009 LO SegmentAlgorithmName  0062000a SQ SegmentIdentificationSequence
0062000b US ReferencedSegmentNumber  0062000d US RecommendedDisplayCIELabValue  0062000e US MaximumFractionalValue
0062000f SQ SegmentedPropertyTypeCodeSequence  00620010 CS SegmentationFractionalType
00620011 SQ SegmentedPropertyTypeModifierCodeSequence  00620013 CS SegmentsOverlap  00620020 UT TrackingID
00620021 UI TrackingUID  00640009 OF VectorGridData  00660030 SQ AlgorithmNameCodeSequence
00660031 LO AlgorithmVersion  00660032 LT AlgorithmParameters  00660036 LO AlgorithmName
00700001 SQ GraphicAnnotationSequence  00700002 CS GraphicLayer  00700004 CS AnchorPointAnnotationUnits
00700006 ST UnformattedTextValue  00700008 SQ TextObjectSequence  00700010 FL BoundingBoxTopLeftHandCorner
00700011 FL BoundingBoxBottomRightHandCorner  00700014 FL AnchorPoint  00700015 CS AnchorPointVisibility
00700022 FL GraphicData  00700023 CS GraphicType  00700052 SL DisplayedAreaTopLeftHandCorner
00700053 SL DisplayedAreaBottomRightHandCorner  0070005a SQ DisplayedAreaSelectionSequence  00700080 CS ContentLabel
00700081 LO ContentDescription  00700082 DA PresentationCreationDate  00700083 TM PresentationCreationTime
00700084 PN ContentCreatorName  00700086 SQ ContentCreatorIdentificationCodeSequence  00700100 CS PresentationSizeMode
0070031a UI FiducialUID  00880130 SH StorageMediaFileSetID  00880140 UI StorageMediaFileSetUID
00880200 SQ IconImageSequence  04000403 SQ ReferencedSOPInstanceMACSequence  04000404 OB MAC
04000500 SQ EncryptedAttributesSequence  04000550 SQ ModifiedAttributesSequence
04000551 SQ NonconformingModifiedAttributesSequence  04000561 SQ OriginalAttributesSequence
04000562 DT AttributeModificationDateTime  04000563 LO ModifyingSystem  04000564 LO SourceOfPreviousValues
04000565 CS ReasonForTheAttributeModification  04000600 CS InstanceOriginStatus  20500020 CS PresentationLUTShape
22000005 LT BarcodeValue  30040002 CS DoseUnits  30040004 CS DoseType  3004000a CS DoseSummationType
3004000c DS GridFrameOffsetVector  3004000e DS DoseGridScaling  30060002 SH StructureSetLabel
30060004 LO StructureSetName  30060008 DA StructureSetDate  30060009 TM StructureSetTime
30060010 SQ ReferencedFrameOfReferenceSequence  30060012 SQ RTReferencedStudySequence
30060014 SQ RTReferencedSeriesSequence  30060016 SQ ContourImageSequence  30060020 SQ StructureSetROISequence
30060022 IS ROINumber  30060024 UI ReferencedFrameOfReferenceUID  30060026 LO ROIName  30060028 ST ROIDescription
3006002a IS ROIDisplayColor  30060036 CS ROIGenerationAlgorithm  30060039 SQ ROIContourSequence
30060040 SQ ContourSequence  30060042 CS ContourGeometricType  30060046 IS NumberOfContourPoints
30060050 DS ContourData  30060080 SQ RTROIObservationsSequence  30060082 IS ObservationNumber
30060084 IS ReferencedROINumber  300600a4 CS RTROIInterpretedType  300600a6 PN ROIInterpreter
300a012c DS IsocenterPosition  4ffe0001 SQ MACParametersSequence  52009229 SQ SharedFunctionalGroupsSequence
52009230 SQ PerFrameFunctionalGroupsSequence  60000010 US OverlayRows  7fe00001 OV ExtendedOffsetTable
7fe00002 OV ExtendedOffsetTableLengths  7fe00003 UV EncapsulatedPixelDataValueTotalLength  7fe00008 OF FloatPixelData
7fe00009 OD DoubleFloatPixelData  7fe00010 OW PixelData  fffafffa SQ DigitalSignaturesSequence
fffcfffc OB DataSetTrailingPadding`;

interface Entry {
  readonly tag: number;
  readonly vr: string;
}

const ENTRIES = REGISTRY.trim()
  .split(/\s{2,}|\n/)
  .map((line) => {
    const [tag = '', vr = '', keyword = ''] = line.split(' ');
    return { tag: Number.parseInt(tag, 16), vr, keyword };
  });
const VR_BY_TAG: ReadonlyMap<number, string> = new Map(ENTRIES.map(({ tag, vr }) => [tag, vr]));
const BY_KEYWORD: ReadonlyMap<string, Entry> = new Map(ENTRIES.map(({ tag, vr, keyword }) => [keyword, { tag, vr }]));

/** VR of a tag that is not listed by keyword: a sequence, another of the standard, or by rule a group length, private creator, overlay (PS3.5 §7.2, §7.8.1). */
function vrByRule(tag: number): string | undefined {
  const [group, element] = [tag >>> 16, tag & 0xffff];
  if (element === 0) return 'UL';
  if (group & 1) return element >= 0x10 && element <= 0xff ? 'LO' : undefined;
  if (SEQUENCE_TAGS.has(tag)) return 'SQ';
  const listed = REGISTERED_VRS.get(tag);
  if (listed) return listed;
  if (group >= 0x6000 && group <= 0x601e) return element === 0x3000 ? 'OW' : undefined;
  return undefined;
}

/** The VR a tag has by PS3.6, `XS` for "US or SS"; `undefined` for private and unlisted tags. */
export function registeredVr(tag: number): string | undefined {
  return VR_BY_TAG.get(tag) ?? vrByRule(tag);
}

/** Tag and VR of a keyword. */
export function registeredKeyword(keyword: string): Entry | undefined {
  return BY_KEYWORD.get(keyword);
}
